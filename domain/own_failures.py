"""What the owner of an account does with what failed there; what is another's is as if there were none.

find ──▶ show ──▶ discard
   └───────────▶ replay (`domain.own_replays`)
"""

import datetime as dt
import re
from dataclasses import dataclass
from itertools import islice

from domain.errors import NotFoundError
from domain.failures import Failure, FailureId, Ledger
from domain.identifiers import AccountId
from domain.paging import Page, every
from domain.triage import Filters, require_reason
from domain.versions import require_seen

MOST_SELECTED = 1_000
"""How many failures an owner replays at a time."""

_MOST_LOOKED_AT = 5_000
_ID = re.compile("[a-z-]{1,40}:[!-~]{1,200}")


@dataclass(frozen=True, slots=True)
class Selection:
    """What meets a filter, those first that failed first; whether there may be `more` of it."""

    failures: tuple[Failure, ...]
    more: bool


def get_own_failure(failure_id: FailureId, *, account_id: AccountId, ledger: Ledger) -> Failure:
    """The account's failure.

    Raises:
        NotFoundError: there is none with that id, or it is not the account's.
    """
    if not _ID.fullmatch(failure_id):
        raise _nothing(failure_id)
    return _own(ledger.get(failure_id=failure_id), failure_id, account_id)


def discard_own_failure(
    failure_id: FailureId,
    *,
    reason: str,
    account_id: AccountId,
    ledger: Ledger,
    now: dt.datetime,
    actor: str,
    seen: int | None = None,
) -> Failure:
    """Give a failure up; *seen* is the version that it has to have, if any.

    Raises:
        InvalidError: there is no reason, or it is too long.
        NotFoundError: there is none with that id, or it is not the account's.
        FailureClosedError: it is resolved or discarded already.
        ChangedMeanwhileError: it has another version.
    """
    require_reason(reason)
    get_own_failure(failure_id, account_id=account_id, ledger=ledger)

    def change(known: Failure | None) -> Failure:
        own = _own(known, failure_id, account_id)
        require_seen(own, seen)
        return own.discarded(now, actor=actor, reason=reason)

    return ledger.update(failure_id=failure_id, change=change)


def select_failures(filters: Filters, *, account_id: AccountId, ledger: Ledger) -> Selection:
    """The first so many of the account's failures that are meant."""

    def page(cursor: str | None) -> Page[Failure]:
        return ledger.of_account(account_id=account_id, states=filters.states, cursor=cursor)

    looked_at = [*islice(every(page), _MOST_LOOKED_AT + 1)]
    found = {failure.id: failure for failure in looked_at[:_MOST_LOOKED_AT] if filters.take(failure)}
    more = len(found) > MOST_SELECTED or len(looked_at) > _MOST_LOOKED_AT
    return Selection(tuple(found.values())[:MOST_SELECTED], more)


def _own(failure: Failure | None, failure_id: FailureId, account_id: AccountId) -> Failure:
    if failure is None or failure.account_id != account_id:
        raise _nothing(failure_id)
    return failure


def _nothing(failure_id: FailureId) -> NotFoundError:
    return NotFoundError(f"there is no failure {failure_id}")
