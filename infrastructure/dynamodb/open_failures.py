"""What waits in the failure ledger, by the ids of the events: an entity's key and version make them."""

import datetime as dt
from collections.abc import Iterator
from functools import partial

from domain.errors import NotFoundError
from domain.failures import OPEN, Failure, FailureId, Ledger, State, failure_id
from domain.identifiers import AccountId, ClientId, CreditNoteId, InvoiceId, ReminderId, WorkId
from domain.opening import TICK, hopeless_event, is_to_serve
from domain.paging import every
from domain.proof import OpenFailures, Step, may_hold
from events.envelope import event_id
from infrastructure.dynamodb import keys

STREAM = "stream"


class LedgerOpenFailures:
    """Implements `domain.proof.OpenFailures`."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def of(self, step: Step, *, account_id: AccountId, entity_id: str, version: int, at: dt.datetime) -> bool:
        is_opened = step is Step.ISSUED
        key = _key(account_id, entity_id)
        known = partial(_failure, f"{key['PK']}|{key['SK']}")
        wanted = [known(step, each) for each in range(1 if is_opened else version, version + 1)]
        wanted.append(known(STREAM, 1 if is_opened else version))
        return bool(self._ledger.open_among(failure_ids=wanted)) or self._is_in_a_batch(at)

    def _is_in_a_batch(self, at: dt.datetime) -> bool:
        return any(may_hold(each, at) for state in OPEN for each in self._every(STREAM, state))

    def _every(self, queue: str, state: State) -> Iterator[Failure]:
        return every(lambda cursor: self._ledger.list(queue=queue, state=state, cursor=cursor))

    def is_given_up(self, step: Step, *, account_id: AccountId, entity_id: str, version: int) -> bool:
        key = _key(account_id, entity_id)
        known = _failure(f"{key['PK']}|{key['SK']}", step, version)
        try:
            return self._ledger.get(failure_id=known).state is State.DISCARDED
        except NotFoundError:
            return False

    def of_tick(self, *, client_id: ClientId, due_at: dt.datetime) -> bool:
        own = failure_id(TICK, hopeless_event(client_id, due_at))
        if self._ledger.open_among(failure_ids=[own]):
            return True
        ticks = self._every(TICK, State.RETRYING)
        return any(is_to_serve(tick, due_at) for tick in ticks)


def _failure(key: str, queue: str, version: int) -> FailureId:
    return failure_id(queue, event_id(key, version))


def _key(account_id: AccountId, entity_id: str) -> keys.Key:
    if entity_id.startswith("inv_"):
        return keys.invoice(account_id, InvoiceId(entity_id))
    if entity_id.startswith("rem_"):
        return keys.reminder(account_id, ReminderId(entity_id))
    if entity_id.startswith("crn_"):
        return keys.credit_note(account_id, CreditNoteId(entity_id))
    return keys.work(account_id, WorkId(entity_id))


_: type[OpenFailures] = LedgerOpenFailures  # the promise, checked by mypy
