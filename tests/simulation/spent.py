"""What functions and requests cost: how many calls each may make for its work."""

from math import ceil
from typing import TYPE_CHECKING, Any

from tests.simulation.promises import promise
from tests.simulation.scheduler import Worker

if TYPE_CHECKING:
    from tests.simulation.cloud import Cloud

_TIMES_THE_BUDGET = 3
_OF_A_MESSAGE = {
    "publish_changes": 1,
    "keep_counters": 3,
    "issue_invoices": 8,
    "deliver_invoices": 12,
    "import_work": 2,
    "record_mail_events": 4,
    "record_failures": 2,
}
_OF_A_RUN = {"request": 2, "bill_now": 3, "pay": 3, "void": 4, "prepay": 3, "credit": 4, "resend": 4}
_OF_A_RUN |= dict.fromkeys(("send_now", "hold_invoice", "skip_invoice", "reopen_invoice"), 2)
# These deal with no event: they cost what is due.
_OF_A_RUN |= dict.fromkeys(("open_invoices", "retry_failures", "remind_clients", "operator"), 1_000)


class Spent:
    """Knows what each function has cost in all its runs."""

    def __init__(self, cloud: "Cloud") -> None:
        self._cloud = cloud

    def ended(self, function: str, event: Any, worker: Worker) -> None:
        """A run is over; together they may have cost so much and no more."""
        calls, allowed = self._cloud.calls, self._cloud.allowed
        calls[function] += worker.calls
        allowed[function] += (_TIMES_THE_BUDGET + worker.races) * _budget(function, event) + worker.faults
        told = f"{function} made {calls[function]} calls, {allowed[function]} are allowed"
        promise(calls[function] <= allowed[function], told)


def _budget(function: str, event: Any) -> int:
    """How many calls one run of a function may make when nothing goes wrong.

    The budgets of the design are per 1,000 events in full batches; here batches are small, so they are taken
    per run. The publisher: 105 per 1,000 events are one call for each ten. Counters: 60 per 1,000 in batches
    of 50 are three a batch, to read and to write once, however small it is. An invoice: 2 × ⌈n/99⌉ + 6,
    which is eight, for none here has more than 99 entries; a credit note takes two more. A request: two, and
    one or two more where it looks for what may be there already. Delivery has no budget in the design; a mail
    takes twelve calls, what is told of one four, a dead letter two. Nobody imports here: what comes to that
    queue is poison, which takes two. How often an event is delivered at all is bounded by the queue and by
    the ledger, not by the function.

    Three times that is allowed, and beyond it the budget once more for each race that was lost and one call
    for each fault that struck.
    """
    if function not in _OF_A_MESSAGE:
        return _OF_A_RUN[function]
    messages = len(event["Records"])
    match function:
        case "publish_changes":
            return ceil(messages / 10)
        case "keep_counters":
            return 3 * ceil(messages / 50)
        case "issue_invoices":
            of_notes = sum("invoicely.creditnote." in record["body"] for record in event["Records"])
            return 8 * messages + 2 * of_notes
    return _OF_A_MESSAGE[function] * messages
