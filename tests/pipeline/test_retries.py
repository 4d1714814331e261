"""The timer's function, where something around it is broken."""

import pytest

from domain.failures import FailureId
from domain.recording import record
from handlers import retry_failures
from infrastructure import wiring
from tests.builders import FAILED_AT, a_report
from tests.fakes import InMemorySources
from tests.logs import Log


class BrokenSources(InMemorySources):
    """Cannot be asked about the counters."""

    def check(self, *, queue: str) -> None:
        if queue == "counters":
            raise PermissionError
        super().check(queue=queue)


def test_a_timer_that_could_not_deal_with_a_queue_fails_after_it_has_dealt_with_the_others(
    monkeypatch: pytest.MonkeyPatch, log: Log
) -> None:
    sources = BrokenSources()
    monkeypatch.setattr(wiring, "sources", lambda: sources)
    for queue in ("counters", "delivery"):
        record(a_report(queue=queue), ledger=wiring.ledger(), now=FAILED_AT)

    with pytest.raises(retry_failures.RetriesIncompleteError):
        retry_failures.handler({"time": "2027-01-01T00:00:00Z"}, None)

    [line] = [line for line in log.lines if line["message"] == "failures retried"]
    assert [(failed["queue"], failed["error"]) for failed in line["failed"]] == [
        ("counters", "PermissionError")
    ]
    assert [failure.id for failure in sources.sent] == [FailureId(f"delivery:{1:032x}")]


def test_a_timer_that_cannot_tell_what_is_left_tells_what_it_did(
    monkeypatch: pytest.MonkeyPatch, log: Log
) -> None:
    def unreadable(*_: object, **__: object) -> None:
        raise ValueError("no such state")

    monkeypatch.setattr(retry_failures, "backlog", unreadable)
    monkeypatch.setattr(wiring, "sources", InMemorySources)
    record(a_report(), ledger=wiring.ledger(), now=FAILED_AT)

    with pytest.raises(retry_failures.RetriesIncompleteError):
        retry_failures.handler({"time": "2027-01-01T00:00:00Z"}, None)

    [line] = [line for line in log.lines if line["message"] == "failures retried"]
    assert (line["sent"], line["failed"][0]["queue"]) == (1, "backlog")
    assert "all_parked" not in line
