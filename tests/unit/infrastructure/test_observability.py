import re
import time
from collections.abc import Iterator

import pytest

from domain.errors import NotFoundError
from domain.identifiers import InvoiceId, invoice_parts
from events import catalog
from infrastructure.observability import cause, logger
from tests.logs import Log, caught_log


@pytest.fixture
def log() -> Iterator[Log]:
    with caught_log() as log:
        yield log


def test_a_cause_is_a_type_a_code_and_a_line_of_ours() -> None:
    with pytest.raises(NotFoundError) as caught:
        invoice_parts(InvoiceId("Ada Lovelace"))

    told = cause(caught.value)

    assert (told["error"], told["code"]) == ("NotFoundError", "not-found")
    assert re.fullmatch(r"domain\.identifiers:\d+", told["at"])


def test_a_cause_points_to_our_own_line_also_where_a_library_raised() -> None:
    with pytest.raises(TypeError) as caught:
        catalog.read(17)  # type: ignore[arg-type] # a mistake on purpose

    assert re.fullmatch(r"events\.catalog:\d+", cause(caught.value)["at"])


def test_a_bug_has_no_code_and_may_come_from_anywhere() -> None:
    assert cause(ZeroDivisionError("Ada's 100 EUR")) == {"error": "ZeroDivisionError", "at": "unknown"}


def test_the_number_that_some_errors_have_is_no_code_of_ours() -> None:
    assert cause(SystemExit(3)) == {"error": "SystemExit", "at": "unknown"}


@pytest.fixture
def _far_east(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("_far_east")
def test_a_line_in_the_log_is_json_with_its_time_in_utc(log: Log) -> None:
    logger().info("done", extra={"messages": 2})

    [line] = log.lines
    assert (line["level"], line["message"], line["messages"]) == ("INFO", "done", 2)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", line["timestamp"])
