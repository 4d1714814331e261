"""The rows of another time tracker's export, and the work entries that they are to be.

    row of a file ──client by name──▶ work entry whose id is made from the row itself

The same row has the same id, so a second import of the same or of an overlapping file adds nothing.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from domain.clients import Client, Clients
from domain.errors import WillNeverWorkError
from domain.fields import values
from domain.identifiers import AccountId, ImportId, digest, work_id
from domain.paging import every
from domain.work import WorkDetails, WorkEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of an export. `fingerprint` is equal for rows that say the same."""

    line: int
    client: str
    fingerprint: str
    details: WorkDetails


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that was not taken, and why. `line` counts from 1, the header included."""

    line: int
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Planned:
    """A row as the work entry that it is to be."""

    line: int
    entry: WorkEntry


class UnknownClientError(WillNeverWorkError):
    """A row's client cannot be told."""

    code = "unknown-client"


class AmbiguousClientError(WillNeverWorkError):
    """A row names a client, and there are several of that name."""

    code = "ambiguous-client"


class NotAnExportError(WillNeverWorkError):
    """The file is not an export of the kind that was expected; nothing was taken from it."""

    code = "not-an-export"


def plan_work(
    rows: Iterable[Row | Refusal], *, account_id: AccountId, import_id: ImportId | None, clients: Clients
) -> Iterator[Planned | Refusal]:
    """What each row would be: a work entry of the client with that name, or why it cannot be taken."""
    by_name = _by_name(clients, account_id)
    seen: Counter[str] = Counter()
    for row in rows:
        yield row if isinstance(row, Refusal) else _planned(row, by_name, seen, import_id)


def _planned(
    row: Row,
    by_name: Mapping[str, Sequence[Client]],
    seen: Counter[str],
    import_id: ImportId | None,
) -> Planned | Refusal:
    seen[row.fingerprint] += 1
    try:
        client = _client_named(row.client, by_name)
        client.ready_for_work()
        entry = _entry(row, client, occurrence=seen[row.fingerprint])
    except WillNeverWorkError as error:
        return Refusal(row.line, error.code, str(error))
    return Planned(row.line, replace(entry, import_id=import_id))


def _entry(row: Row, client: Client, *, occurrence: int) -> WorkEntry:
    return WorkEntry(
        **values(row.details, WorkDetails),
        id=work_id(client.id, digest(row.fingerprint, str(occurrence))),
        account_id=client.account_id,
        client_id=client.id,
        currency=client.currency,
        hourly_rate=client.hourly_rate,
    )


def _by_name(clients: Clients, account_id: AccountId) -> Mapping[str, Sequence[Client]]:
    by_name: dict[str, list[Client]] = {}
    for client in every(lambda cursor: clients.list(account_id=account_id, cursor=cursor)):
        by_name.setdefault(folded(client.name), []).append(client)
    return by_name


def _client_named(name: str, by_name: Mapping[str, Sequence[Client]]) -> Client:
    match by_name.get(folded(name), ()):
        case [client]:
            return client
        case []:
            raise UnknownClientError(f'there is no client named "{name}"; add it, then import the file again')
        case _:
            raise AmbiguousClientError(f'several clients are named "{name}"; give them names of their own')


def folded(name: str) -> str:
    """A name as names are compared: whatever its case, its spaces and how its letters are composed."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())
