"""Changes once more: the state of the table as it is, or what the stream gave up and Lambda put aside.

    table ──every item, as if it had just come to be──▶ records ──publish_changes──▶ topic
    failures in the bucket ──the records in each──────▶ records ──publish_changes──▶ topic

An event that is published again has the id of the change that it tells of, and no consumer minds it: counters
know the version, an issued invoice is issued, a sent mail is sent. What got lost is made good that way.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from domain.accounts import AccountDirectory
from domain.errors import TryAgainLaterError, WillNeverWorkError
from domain.identifiers import AccountId, ClientId
from events.envelope import Event
from events.publishing import Aside, Changes, Record, publish_changes

BATCH = 100
MOST_ATTEMPTS = 3

Progress = Callable[[int], None]
Read = Callable[[Record], Event]


@dataclass(frozen=True, slots=True, kw_only=True)
class Republished:
    """How many records were dealt with; some of them were set `aside`, and some objects hold no records."""

    records: int = 0
    aside: int = 0
    unreadable: tuple[str, ...] = ()

    def __add__(self, other: "Republished") -> "Republished":
        return Republished(
            records=self.records + other.records,
            aside=self.aside + other.aside,
            unreadable=self.unreadable + other.unreadable,
        )


class PublishingStoppedError(TryAgainLaterError):
    """The topic takes nothing more for now; what is out already may come again without harm."""

    code = "publishing-stopped"


class NotAFailureRecordError(WillNeverWorkError):
    """The object holds no invocation of the stream's function that Lambda gave up."""

    code = "not-a-failure-record"


class Current(Protocol):
    """Every published item as it is, in the form of the stream's record of its first change."""

    def of_account(self, *, account_id: AccountId) -> Iterator[Record]:
        """The account, its clients and all that is stored of each; raise `NotFoundError` without account."""
        ...

    def of_one_client(self, *, account_id: AccountId, client_id: ClientId) -> Iterator[Record]:
        """The client and all that is stored of it; raise `NotFoundError` where there is none."""
        ...


class FailureRecords(Protocol):
    """What Lambda gave up, an object for each batch of the stream."""

    def keys(self, *, prefix: str) -> Sequence[str]:
        """The keys of all objects whose key begins with *prefix*."""
        ...

    def records(self, *, key: str) -> Sequence[Record]:
        """The stream's records in an object.

        Raises:
            NotAFailureRecordError: it holds something else.
        """
        ...


def republish_client(
    client_id: ClientId,
    *,
    account_id: AccountId,
    current: Current,
    read: Read,
    changes: Changes,
    aside: Aside,
    progress: Progress,
) -> Republished:
    """Publish the current state of a client, its work, its invoices and their deliveries."""
    records = current.of_one_client(account_id=account_id, client_id=client_id)
    return _publish(records, read=read, changes=changes, aside=aside, progress=progress)


def republish_account(
    account_id: AccountId,
    *,
    current: Current,
    read: Read,
    changes: Changes,
    aside: Aside,
    progress: Progress,
) -> Republished:
    """Publish the current state of an account and of all its clients."""
    records = current.of_account(account_id=account_id)
    return _publish(records, read=read, changes=changes, aside=aside, progress=progress)


def republish_everything(
    *,
    directory: AccountDirectory,
    current: Current,
    read: Read,
    changes: Changes,
    aside: Aside,
    progress: Progress,
) -> Republished:
    """Publish the current state of every account."""
    records = (
        record for account_id in directory.every() for record in current.of_account(account_id=account_id)
    )
    return _publish(records, read=read, changes=changes, aside=aside, progress=progress)


def republish_failures(
    keys: Iterable[str],
    *,
    failures: FailureRecords,
    read: Read,
    changes: Changes,
    aside: Aside,
    progress: Progress,
) -> Republished:
    """Publish the records of these objects; one that holds none is told and holds up no other.

    *progress* is told of objects here.
    """
    done = Republished()
    for place, key in enumerate(keys, start=1):
        try:
            records = failures.records(key=key)
        except NotAFailureRecordError:
            done += Republished(unreadable=(key,))
        else:
            done += _publish(records, read=read, changes=changes, aside=aside, progress=lambda _: None)
        progress(place)
    return done


def _publish(
    records: Iterable[Record], *, read: Read, changes: Changes, aside: Aside, progress: Progress
) -> Republished:
    counted = _Counted(aside)
    done, records = 0, iter(records)
    while batch := list(islice(records, BATCH)):
        _publish_all(batch, read=read, changes=changes, aside=counted)
        done += len(batch)
        progress(done)
    return Republished(records=done, aside=counted.number)


def _publish_all(batch: Sequence[Record], *, read: Read, changes: Changes, aside: Aside) -> None:
    for _ in range(MOST_ATTEMPTS):
        first_left = publish_changes(batch, read=read, changes=changes, aside=aside)
        if first_left is None:
            return
        batch = batch[next(place for place, record in enumerate(batch) if record is first_left) :]
    raise PublishingStoppedError("the topic takes no more events for now; start again when it does")


class _Counted:
    """Implements `Aside` by another one, and counts."""

    def __init__(self, aside: Aside) -> None:
        self.number = 0
        self._aside = aside

    def put(self, *, record: Record, reason: str) -> None:
        self._aside.put(record=record, reason=reason)
        self.number += 1


_: type[Aside] = _Counted
