"""All that is stored of a client, and what waits in the failure ledger, in memory."""

import datetime as dt
import json
from collections.abc import Iterator

from domain.clients import Client
from domain.credit_notes import CreditNote
from domain.delivery import Delivery
from domain.failures import Failure, State
from domain.identifiers import AccountId, ClientId, invoice_of, invoice_parts
from domain.invoices import Invoice
from domain.opening import TICK, hopeless_event, is_to_serve
from domain.payments import Payment
from domain.prepayments import Prepayment
from domain.proof import OpenFailures, Records, Step, Stored, Written, may_hold
from domain.reminders import Reminder
from domain.work import WorkEntry
from tests.fakes.store import Store


class InMemoryRecords:
    """Implements `domain.proof.Records`."""

    def __init__(self, store: Store | None = None) -> None:
        self._store = store or Store()

    def client(self, *, account_id: AccountId, client_id: ClientId) -> tuple[Client, dt.datetime]:
        with self._store.call("records.client"):
            client = self._store.get(Client, account_id, client_id)
            return client, self._store.written(client)

    def of_client(self, *, account_id: AccountId, client_id: ClientId) -> Iterator[Written]:
        with self._store.call("records.of_client"):
            stored: list[WorkEntry | Invoice | CreditNote | Delivery | Payment | Reminder | Prepayment] = [
                *self._store.all(WorkEntry),
                *self._store.all(Invoice),
                *self._store.all(CreditNote),
            ]
            stored += [*self._store.all(Delivery), *self._store.all(Payment), *self._store.all(Reminder)]
            stored += self._store.all(Prepayment)
            written = [Written(each, self._store.written(each)) for each in stored]
            written += [Written(line, at) for line, at in self._store.left.values()]
            of = (account_id, client_id)
            own = [each for each in written if (each.entity.account_id, _client_of(each.entity)) == of]
        yield from own


class InMemoryOpenFailures:
    """Implements `domain.proof.OpenFailures`: an event is about the entity whose id stands in it."""

    def __init__(self, store: Store | None = None) -> None:
        self._store = store or Store()

    def of(self, step: Step, *, account_id: AccountId, entity_id: str, version: int, at: dt.datetime) -> bool:
        def leads_there(failure: Failure) -> bool:
            if failure.queue == "stream" and may_hold(failure, at):
                return True
            if failure.account_id != account_id or f'"{entity_id}"' not in failure.body:
                return False
            of = json.loads(failure.body)["data"]["version"]
            match failure.queue:
                case "stream":
                    return bool(of == (1 if step is Step.ISSUED else version))
                case queue:
                    return queue == step and (step is Step.ISSUED or of == version)

        with self._store.call("open_failures.of"):
            return any(leads_there(each) for each in self._store.failures.values() if each.is_open)

    def is_given_up(self, step: Step, *, account_id: AccountId, entity_id: str, version: int) -> bool:
        def is_it(failure: Failure) -> bool:
            if (failure.queue, failure.account_id) != (step, account_id):
                return False
            of = json.loads(failure.body)["data"]
            return (of["id"], of["version"]) == (entity_id, version)

        with self._store.call("open_failures.is_given_up"):
            return any(is_it(each) for each in self._store.failures.values() if each.state is State.DISCARDED)

    def of_tick(self, *, client_id: ClientId, due_at: dt.datetime) -> bool:
        own = hopeless_event(client_id, due_at)
        with self._store.call("open_failures.of_tick"):
            return any(
                each.event_id == own or is_to_serve(each, due_at)
                for each in self._store.failures.values()
                if each.is_open and each.queue == TICK
            )


def _client_of(entity: Stored) -> ClientId:
    if isinstance(entity, Delivery):
        return invoice_parts(invoice_of(entity.invoice_id))[0]
    return entity.client_id


_records: type[Records] = InMemoryRecords
_failures: type[OpenFailures] = InMemoryOpenFailures
