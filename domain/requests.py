"""What was asked with an Idempotency-Key, so that asking again does nothing twice.

    new ──claim──▶ leased ──finish──▶ finished: the same answer again, for two days
                     │  └──give back──▶ free for the same request, with the same ids
                     │  └──forget─────▶ as if it had never been asked
                     └──dies, lease runs out──▶ taken over by who asks again, with the same ids

The semantics are those of draft-ietf-httpapi-idempotency-key-header-07.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import chain, count
from typing import NewType, Protocol

from domain.errors import ConflictError, NotFoundError, TryAgainLaterError, WillNeverWorkError
from domain.identifiers import AccountId, digest

RequestId = NewType("RequestId", str)

LEASE = dt.timedelta(seconds=30)
"""Longer than any function runs that does what is asked."""

KEPT = dt.timedelta(hours=48)

MOST_KEPT = 350 * 1024
"""Bytes of an answer's body that are kept; an item of the table has room for little more."""


class RequestInProgressError(TryAgainLaterError):
    """The same key is being worked on, or was until its worker died a moment ago."""

    code = "request-in-progress"


class KeyReusedError(WillNeverWorkError):
    """The key was used for something else."""

    code = "idempotency-key-reused"


class AnswerNotKeptError(ConflictError):
    """It was done, but its answer was too long to be kept."""

    code = "answer-not-kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """An answer as it was given; without its body where that was longer than `MOST_KEPT`."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    is_whole: bool = True

    def kept(self) -> "KeptAnswer":
        """As much of it as is kept."""
        if self.body is None or len(self.body.encode()) <= MOST_KEPT:
            return self
        return replace(self, body=None, is_whole=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedRequest:
    """A request that bears a key, and what is known of it.

    `fingerprint` is equal for requests that ask the same. All ids that it needs are made of `seed`. Whoever
    holds the lease does it; from `forgotten_at` on it counts as never asked.
    """

    id: RequestId
    account_id: AccountId
    fingerprint: str
    seed: str
    leased_until: dt.datetime
    forgotten_at: dt.datetime
    answer: KeptAnswer | None = None
    version: int = 1

    @classmethod
    def new(
        cls, request_id: RequestId, *, account_id: AccountId, fingerprint: str, seed: str, now: dt.datetime
    ) -> "KeyedRequest":
        """The request as it is claimed at first."""
        return cls(
            id=request_id,
            account_id=account_id,
            fingerprint=fingerprint,
            seed=seed,
            leased_until=now + LEASE,
            forgotten_at=now + KEPT,
        )

    def met(self, again: "KeyedRequest", *, now: dt.datetime) -> "KeyedRequest":
        """What becomes of this request when it comes *again*: itself where it is finished, else a new claim.

        Raises:
            KeyReusedError: what comes asks for something else.
            RequestInProgressError: somebody is doing it.
        """
        if self.forgotten_at <= now:
            return replace(again, version=self.version)
        if self.fingerprint != again.fingerprint:
            raise KeyReusedError("this key was used for another request; send each request with its own key")
        if self.answer:
            return self
        if now < self.leased_until:
            raise RequestInProgressError("the request with this key is being worked on")
        return replace(self, leased_until=again.leased_until)

    def finished(self, answer: KeptAnswer) -> "KeyedRequest":
        """The request, done: whoever asks again gets this answer."""
        return replace(self, answer=answer.kept())

    def given_back(self, now: dt.datetime) -> "KeyedRequest":
        """The request, to be done by whoever asks next; with the same ids, for a part may have been done."""
        return replace(self, leased_until=now)

    def forgotten(self, now: dt.datetime) -> "KeyedRequest":
        """The request as if nobody had asked, for nothing was done: its key may be used for another one."""
        return replace(self, leased_until=now, forgotten_at=now)

    def ids(self) -> Callable[[], str]:
        """A source of ids, the same ones in the same order each time it is asked for."""
        made = chain([self.seed], (digest(self.seed, str(number)) for number in count(1)))
        return lambda: next(made)


class Requests(Protocol):
    """The requests of each account that bear a key."""

    def add(self, *, request: KeyedRequest) -> None:
        """Raise `ConflictError` where its key is known; nothing is stored then."""
        ...

    def get(self, *, account_id: AccountId, request_id: RequestId) -> KeyedRequest:
        """Raise `NotFoundError` where the key is not known."""
        ...

    def replace(self, *, read: KeyedRequest, by: KeyedRequest) -> KeyedRequest:
        """Store *by*, one version later than what was *read*, and return it.

        Raise `ConflictError` where somebody wrote since; nothing is stored then.
        """
        ...


def request_id(*, method: str, path: str, key: str) -> RequestId:
    """Which request it is: a key counts within its account, for one method and path."""
    return RequestId(digest(method, path, key))


def claim_request(wanted: KeyedRequest, *, now: dt.datetime, requests: Requests) -> KeyedRequest:
    """The right to do what is asked; or, where it has an `answer`, the request as it was done.

    Raises:
        KeyReusedError: the key was used for something else.
        RequestInProgressError: somebody is doing it; nothing is known of how it ends.
    """
    with suppress(ConflictError):
        requests.add(request=wanted)
        return wanted
    try:
        known = requests.get(account_id=wanted.account_id, request_id=wanted.id)
        following = known.met(wanted, now=now)
        return known if known == following else requests.replace(read=known, by=following)
    except (ConflictError, NotFoundError) as error:  # somebody else took it, or it was just forgotten
        raise RequestInProgressError("the request with this key is being worked on") from error


def settle_request(claim: KeyedRequest, settled: KeyedRequest, *, requests: Requests) -> None:
    """Store what became of a *claim*; who took it over meanwhile has the say."""
    with suppress(ConflictError):
        requests.replace(read=claim, by=settled)
