"""What is shown of a mail that came back."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from domain.fates import Fate, Returned
from infrastructure.views.instants import second


@dataclass(frozen=True, kw_only=True)
class ReturnedMailView:
    """That a mail came back or was not wanted, and why; what came back `for_good` comes back again."""

    outcome: Literal["bounced", "complained"]
    recipient: str
    reason: str
    at: dt.datetime
    for_good: bool


def of_returned_mail(returned: Returned | None) -> ReturnedMailView | None:
    if returned is None:
        return None
    return ReturnedMailView(
        outcome="complained" if returned.fate is Fate.COMPLAINED else "bounced",
        recipient=returned.recipient,
        reason=returned.reason,
        at=second(returned.at),
        for_good=returned.for_good,
    )
