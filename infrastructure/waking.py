"""Which invoices a change of an account or client may mend: those that are held for what is missing there."""

from domain.accounts import AccountDetails
from domain.clients import ClientDetails
from domain.identifiers import AccountId, ClientId
from events.envelope import Event
from infrastructure import codec

_SHAPES: dict[str, type[AccountDetails | ClientDetails]] = {
    "account": AccountDetails,
    "client": ClientDetails,
}


def changes_details(event: Event) -> bool:
    """Whether the event tells of other details: a client also changes each time it is invoiced."""
    shape = _SHAPES[_entity(event)]
    if event.previous is None:
        return True
    return codec.decode(shape, event.data) != codec.decode(shape, event.previous)


def changed_party(event: Event) -> tuple[AccountId, ClientId | None]:
    """Whose held invoices may go out now: those of the whole account, or of the client that has changed."""
    client_id = ClientId(event.data["id"]) if _entity(event) == "client" else None
    return AccountId(event.account), client_id


def _entity(event: Event) -> str:
    return event.type.split(".")[1]
