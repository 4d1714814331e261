"""How many requests an account may make in a minute, whichever process answers them.

    store: used of this minute ──ten permits at a time──▶ process: one for each request, or refused

Taking ten at once costs a tenth of the calls. What a process does not use of them is lost with the minute, so
a busy account that many processes serve may be refused a little early, and never late.
"""

import datetime as dt
from math import ceil
from threading import Lock
from typing import Protocol

from domain.errors import TryAgainLaterError
from domain.identifiers import AccountId

AT_ONCE = 10
WINDOW = dt.timedelta(minutes=1)


class TooManyRequestsError(TryAgainLaterError):
    """The account has used up this minute.

    `seconds` says how long that minute lasts.
    """

    code = "too-many-requests"

    def __init__(self, limit: int, *, seconds: int) -> None:
        super().__init__(f"at most {limit} requests a minute are answered; go on in {seconds} s")
        self.seconds = seconds


class Rates(Protocol):
    """How much of each minute an account has used."""

    def take(self, *, account_id: AccountId, minute: dt.datetime, permits: int) -> int:
        """Note so many more *permits* as taken in that minute; return how many are, these included.

        Of several who take at once, each gets another number. After a lost answer they may be noted twice.
        """
        ...


class Permits:
    """The permits that this process has: many threads may spend them."""

    def __init__(self, rates: Rates, *, limit: int) -> None:
        self._rates = rates
        self._limit = limit
        self._minute: dt.datetime | None = None
        self._left: dict[AccountId, int] = {}
        self._used_up: set[AccountId] = set()
        self._lock = Lock()

    def spend(self, *, account_id: AccountId, now: dt.datetime) -> None:
        """Let one request of the account pass.

        Raises:
            TooManyRequestsError: the limit of this minute is reached.
            TryAgainLaterError: whether it is cannot be told for now.
        """
        minute = now.replace(second=0, microsecond=0)
        with self._lock:
            self._turn_to(minute)
            left = self._left.get(account_id) or self._more(account_id, minute)
            if not left:
                self._used_up.add(account_id)
                seconds = ceil((minute + WINDOW - now).total_seconds())
                raise TooManyRequestsError(self._limit, seconds=seconds)
            self._left[account_id] = left - 1

    def _turn_to(self, minute: dt.datetime) -> None:
        """Permits are for one minute only."""
        if minute != self._minute:
            self._minute = minute
            self._left.clear()
            self._used_up.clear()

    def _more(self, account_id: AccountId, minute: dt.datetime) -> int:
        if account_id in self._used_up:
            return 0
        taken = self._rates.take(account_id=account_id, minute=minute, permits=AT_ONCE)
        return max(0, min(AT_ONCE, self._limit - (taken - AT_ONCE)))
