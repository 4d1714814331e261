"""Log work, edit it, and take it back."""

from collections.abc import Callable

from domain.clients import Clients
from domain.errors import ConflictError
from domain.fields import values
from domain.identifiers import AccountId, ClientId, WorkId, client_of_work, work_id
from domain.versions import require_seen
from domain.work import WorkDetails, WorkEntries, WorkEntry


def log_work(
    details: WorkDetails,
    *,
    account_id: AccountId,
    client_id: ClientId,
    clients: Clients,
    work: WorkEntries,
    new_id: Callable[[], str],
) -> WorkEntry:
    """Store a piece of work for a client, priced as of now.

    A new id is taken only where the same request was begun before; then that entry is returned.

    Raises:
        NotFoundError: the account has no such client.
        ClientIsArchivedError: the client takes no more work.
    """
    client = clients.get(account_id=account_id, client_id=client_id)
    client.ready_for_work()
    entry = WorkEntry(
        **values(details, WorkDetails),
        id=work_id(client.id, new_id()),
        account_id=account_id,
        client_id=client.id,
        currency=client.currency,
        hourly_rate=client.hourly_rate,
    ).priced()
    try:
        work.add(entry=entry)
    except ConflictError:
        return work.get(account_id=account_id, work_id=entry.id)
    return entry


def edit_work(
    work_id: WorkId,
    change: Callable[[WorkDetails], WorkDetails],
    *,
    account_id: AccountId,
    work: WorkEntries,
    seen: int | None = None,
) -> WorkEntry:
    """Give an entry other details; raises as `WorkEntry.edited` does.

    Raises:
        ChangedMeanwhileError: the entry has another version than was *seen*.
    """

    def edited(entry: WorkEntry) -> WorkEntry:
        if not entry.removed:
            require_seen(entry, seen)
        return entry.edited(change(entry.editable()))

    client_of_work(work_id)
    return work.update(account_id=account_id, work_id=work_id, change=edited)


def remove_work(
    work_id: WorkId, *, account_id: AccountId, work: WorkEntries, seen: int | None = None
) -> None:
    """Take an entry back; taking it back twice is the same as once. Raises as `edit_work` does."""

    def taken_back(entry: WorkEntry) -> WorkEntry:
        if not entry.removed:
            require_seen(entry, seen)
        return entry.taken_back()

    client_of_work(work_id)
    work.update(account_id=account_id, work_id=work_id, change=taken_back)
