"""What the fakes of one test share: one store, one lock, and a hook around every call.

Within a call everything happens at once or not at all, as in one transaction of the table. The hook is where
tests let threads take turns, count, crash a worker, or make a dependency fail.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from threading import RLock
from typing import NamedTuple, TypeAlias, TypeVar, cast

from domain.accounts import Account
from domain.clients import Client
from domain.counters import Contribution
from domain.counters import Counter as ClientCounter
from domain.credit_notes import CreditNote, Line
from domain.delivery import Delivery
from domain.errors import ConflictError, NotFoundError
from domain.failures import Failure, FailureId
from domain.identifiers import AccountId, ClientId, DocumentId, ImportId, InvoiceId, JobId, TokenId, WorkId
from domain.import_rows import Rows
from domain.imports import Import
from domain.invoices import Invoice
from domain.numbers import Sequence, Taken
from domain.pace import Pace
from domain.payments import Payment
from domain.prepayments import Prepayment
from domain.register import Given
from domain.reminders import Reminder
from domain.replays import Part, ReplayJob
from domain.requests import KeyedRequest, RequestId
from domain.tokens import Token
from domain.work import WorkEntry

Entity: TypeAlias = (
    Account | Client | WorkEntry | Invoice | CreditNote | Delivery | Payment | Reminder | Prepayment | Import
)
Key: TypeAlias = tuple[type[Entity], AccountId, str]
NOON = dt.datetime(2026, 10, 31, 12, tzinfo=dt.UTC)
Thing = TypeVar(
    "Thing", Account, Client, WorkEntry, Invoice, CreditNote, Delivery, Payment, Reminder, Prepayment, Import
)


class Moment(StrEnum):
    """When a hook is called: a crash before a commit loses it, a crash after it loses only the answer."""

    BEFORE = "before"
    AFTER = "after"


class Step(NamedTuple):
    """One side of one call of a port, such as `collecting.claim`."""

    call: str
    moment: Moment
    commits: bool


Hook: TypeAlias = Callable[[Step], None]


class Hooked:
    """Calls its hook before and after each of its calls."""

    hook: Hook

    def __init__(self) -> None:
        self.hook = lambda _: None


@dataclass(eq=False)
class Store(Hooked):
    """Every entity at its newest version; `stream` has every version in the order of the commits."""

    calls: Counter[str] = field(default_factory=Counter)
    stream: list[Entity] = field(default_factory=list)
    sequences: dict[tuple[AccountId, str], Sequence] = field(default_factory=dict)
    numbers: dict[tuple[AccountId, str, int], DocumentId] = field(default_factory=dict)
    given: dict[tuple[AccountId, str, int], Given] = field(default_factory=dict)
    contributions: dict[tuple[AccountId, str], Contribution] = field(default_factory=dict)
    left: dict[tuple[AccountId, InvoiceId, WorkId], tuple[Line, dt.datetime]] = field(default_factory=dict)
    looks: dict[tuple[AccountId, InvoiceId], dt.datetime | None] = field(default_factory=dict)
    counters: dict[tuple[AccountId, ClientId], ClientCounter] = field(default_factory=dict)
    failures: dict[FailureId, Failure] = field(default_factory=dict)
    paces: dict[str, Pace] = field(default_factory=dict)
    now: Callable[[], dt.datetime] = lambda: NOON
    written_at: dict[Key, dt.datetime] = field(default_factory=dict)
    replays: dict[JobId, ReplayJob] = field(default_factory=dict)
    requests: dict[tuple[AccountId, RequestId], KeyedRequest] = field(default_factory=dict)
    rates: Counter[tuple[AccountId, dt.datetime]] = field(default_factory=Counter)
    replay_parts: dict[tuple[JobId, int], Part] = field(default_factory=dict)
    tokens: dict[TokenId, Token] = field(default_factory=dict)
    import_rows: dict[tuple[AccountId, ImportId, int], Rows] = field(default_factory=dict)
    lock: RLock = field(default_factory=RLock)
    _entities: defaultdict[type[Entity], dict[Key, Entity]] = field(default_factory=lambda: defaultdict(dict))

    def __post_init__(self) -> None:
        Hooked.__init__(self)

    def call(self, name: str, *, commits: bool = False) -> "Call":
        """Have the store for oneself, as a transaction or a consistent read has it."""
        return Call(self, name, commits=commits)

    def all(self, kind: type[Thing]) -> list[Thing]:
        """Everything of one kind, whosever it is."""
        with self.lock:
            return list(self._of(kind).values())

    def written(self, entity: Entity) -> dt.datetime:
        """When an entity was written that is stored."""
        return self.written_at[key_of(entity)]

    def find(self, kind: type[Thing], account_id: AccountId, entity_id: str) -> Thing | None:
        """Look one up, for this account only."""
        return self._of(kind).get((kind, account_id, entity_id))

    def get(self, kind: type[Thing], account_id: AccountId, entity_id: str) -> Thing:
        """Look one up that has to be there."""
        if (found := self.find(kind, account_id, entity_id)) is None:
            raise NotFoundError(f"there is no {kind.__name__} {entity_id}")
        return found

    def leave(self, line: Line) -> None:
        """Keep a line on its invoice whose work is released; only one thing can release it."""
        entry = line.entry
        if entry.invoice_id is None:
            raise AssertionError(f"{entry.id} stands on no invoice")
        key = (entry.account_id, entry.invoice_id, entry.id)
        if key in self.left:
            raise AssertionError(f"{entry.id} was released twice from {entry.invoice_id}")
        self.left[key] = (line, self.now())

    def lines_of(self, invoice: Invoice) -> list[Line]:
        """The lines of an invoice by date: the work that stands there, and what was left of it."""
        standing = [Line(entry=each) for each in self.all(WorkEntry)]
        lines = [*standing, *(line for line, _ in self.left.values())]
        of = (invoice.account_id, invoice.id)
        own = [line for line in lines if (line.account_id, line.entry.invoice_id) == of]
        return sorted(own, key=lambda line: (line.entry.date, line.entry.id))

    def holds(self, read: Entity) -> bool:
        """Whether nobody has written since this was read."""
        stored = self._entities[type(read)].get(key_of(read))
        return (stored.version if stored else 0) == read.version

    def add(self, entity: Entity) -> None:
        """Store something new, which has to say its first version itself."""
        if key_of(entity) in self._entities[type(entity)]:
            raise ConflictError(f"{key_of(entity)[-1]} is taken")
        self._put(entity)

    def change(self, changed: Thing, *, read: Thing) -> Thing:
        """Store the next version of what was read; the caller has asked `holds` in the same call."""
        following = replace(changed, version=read.version + 1)
        self._put(following)
        return following

    def update(self, name: str, read: Callable[[], Thing], change: Callable[[Thing], Thing]) -> Thing:
        """Read, change and write one entity, again from the start where somebody wrote in between."""
        while True:
            current = read()
            if (changed := change(current)) == current:
                return current
            with self.call(name, commits=True):
                if self.holds(current):
                    return self.change(changed, read=current)

    def sequence(self, unused: Sequence) -> Sequence:
        """How far a series has come that begins as *unused*."""
        return self.sequences.get((unused.account_id, unused.series), unused)

    def gives(self, taken: Taken) -> bool:
        """Whether the series still is as it was read, and nobody has the number."""
        before, after = taken.before, taken.after
        key = (after.account_id, after.series)
        stored = self.sequence(Sequence(account_id=before.account_id, series=before.series))
        return stored.last == before.last and (*key, after.last) not in self.numbers

    def give(self, taken: Taken, document: DocumentId) -> None:
        """Give a number; the caller has asked `gives` in the same call."""
        after = taken.after
        key = (after.account_id, after.series)
        self.sequences[key] = after
        self.numbers[(*key, after.last)] = document
        self.given[(*key, after.last)] = Given(
            value=after.last,
            number=taken.number,
            invoice_id=document,
            issued_on=taken.issued_on,
            content_sha256=taken.content_sha256,
            chain_sha256=taken.chain_sha256,
        )

    def _of(self, kind: type[Thing]) -> dict[Key, Thing]:
        """The entities of one class; each is stored under its own."""
        return cast("dict[Key, Thing]", self._entities[kind])

    def _put(self, entity: Entity) -> None:
        self._entities[type(entity)][key_of(entity)] = entity
        self.written_at[key_of(entity)] = self.now()
        self.stream.append(entity)


class Call:
    """One call of a port: the store belongs to it alone, and the hook hears of both its sides."""

    __slots__ = ("_commits", "_name", "_store")

    def __init__(self, store: Store, name: str, *, commits: bool) -> None:
        self._store, self._name, self._commits = store, name, commits

    def __enter__(self) -> None:
        self._store.hook(Step(self._name, Moment.BEFORE, self._commits))
        self._store.lock.acquire()
        self._store.calls[self._name] += 1

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        self._store.lock.release()
        if error is None:
            self._store.hook(Step(self._name, Moment.AFTER, self._commits))


def key_of(entity: Entity) -> Key:
    match entity:
        case Account():
            return Account, entity.id, entity.id
        case Delivery():
            return Delivery, entity.account_id, entity.invoice_id
        case _:
            return type(entity), entity.account_id, entity.id
