"""An import from the upload to the counters and back, over the real handlers."""

import datetime as dt
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import boto3
import pytest

from domain.failures import Kind
from domain.failures import State as FailureState
from domain.work import WorkEntry
from infrastructure import wiring
from tests.aws_events import Json
from tests.data_stack import REGION, UPLOADS
from tests.pipeline.cloud import Cloud
from tests.pipeline.conftest import Clock
from tests.pipeline.people import ADA, BOB, a_client_of, log_work
from tests.pipeline.sdk_faults import CrashError
from tests.pipeline.stored import all_of, failures

pytestmark = pytest.mark.usefixtures("_topic_and_mail")

EXAMPLES = Path(__file__).parents[2] / "examples"
HEADER = "User,Client,Project,Description,Billable,Start date,Start time,Duration"


def a_sheet(rows: int, *, client: str = "Acme GmbH") -> bytes:
    """An hour of work a row, and a row that is broken."""
    good = [f"Ada,{client},Shop,Task {row},Yes,2026-10-05,09:00:00,1:00:00" for row in range(rows)]
    return "\n".join([HEADER, *good, f"Ada,{client},Shop,Broken,Yes,2026-10-05,09:00:00,soon"]).encode()


def asked(size: int) -> Json:
    """A new import, as it was answered."""
    body: Json = ADA.post("/v1/imports", {"filename": "october.csv", "size": size, "format": "toggl"}).body
    return body


def s3() -> Any:
    return boto3.client("s3", REGION)


def upload(import_: Json, content: bytes) -> None:
    """What a PUT to the signed address does."""
    key = unquote(urlsplit(import_["upload"]["url"]).path).lstrip("/").removeprefix(f"{UPLOADS}/")
    s3().put_object(Bucket=UPLOADS, Key=key, Body=content)


def started(content: bytes) -> str:
    """The path of an import that is under way."""
    import_ = asked(len(content))
    upload(import_, content)
    path = f"/v1/imports/{import_['id']}"
    assert ADA.ask("POST", f"{path}/start").status == 202
    return path


def counted() -> tuple[int, int]:
    """Ada's entries and minutes, as the counters say."""
    totals = [each["total"] for each in ADA.get("/v1/counters").body["data"]]
    return sum(total["entries"] for total in totals), sum(total["minutes"] for total in totals)


def test_an_uploaded_file_becomes_work_that_is_counted_and_goes_again_when_it_is_undone() -> None:
    cloud = Cloud()
    a_client_of(ADA)

    path = started(a_sheet(105))
    cloud.run()
    imported, numbers = ADA.get(path).body, counted()
    ADA.ask("POST", f"{path}/undo")
    cloud.run()

    assert (imported["state"], imported["counts"]["taken"], imported["counts"]["refused"]) == (
        "finished",
        105,
        1,
    )
    assert numbers == (105, 105 * 60)
    assert ADA.get(path).body["state"] == "undone"
    assert ADA.get(path).body["counts"]["undone"] == 105
    assert counted() == (0, 0)
    assert failures() == []


def test_what_was_undone_can_be_imported_again_and_counts_once() -> None:
    cloud = Cloud()
    a_client_of(ADA)
    first = started(a_sheet(3))
    cloud.run()
    ADA.ask("POST", f"{first}/undo")
    cloud.run()

    second = started(a_sheet(3))
    cloud.run()

    assert ADA.get(second).body["counts"]["taken"] == 3
    assert counted() == (3, 180)
    assert {entry.import_id for entry in all_of(WorkEntry)} == {second.rpartition("/")[2]}


def test_events_that_come_twice_and_in_any_order_change_nothing() -> None:
    cloud = Cloud(seed=3, duplicates=0.7, shuffled=True)
    a_client_of(ADA)
    paths = [started(a_sheet(12)) for _ in range(3)]
    cloud.run()
    cloud.run()

    taken = [ADA.get(path).body["counts"]["taken"] for path in paths]
    assert sorted(taken) == [0, 0, 12]
    assert counted() == (12, 720)


@pytest.mark.parametrize("at", range(1, 16, 2))
def test_a_function_that_dies_at_any_call_leaves_nothing_undone(
    at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("domain.importing.ROWS_A_PART", 2)
    left = iter(range(at))

    def die(_: str) -> None:
        if cloud._function == "handlers.import_work" and next(left, None) == at - 1:
            raise CrashError

    cloud = Cloud(after=die)
    a_client_of(ADA)

    path = started(a_sheet(5))
    cloud.run()

    assert next(left, None) is None
    assert ADA.get(path).body["counts"]["taken"] == 5
    assert counted() == (5, 300)


def test_a_bucket_that_is_away_is_waited_for(clock: Clock) -> None:
    cloud = Cloud()
    a_client_of(ADA)
    sheet = a_sheet(2)
    import_ = asked(len(sheet))
    upload(import_, sheet)
    path = f"/v1/imports/{import_['id']}"
    ADA.ask("POST", f"{path}/start")
    [key] = [each["Key"] for each in s3().list_objects_v2(Bucket=UPLOADS)["Contents"]]
    s3().delete_object(Bucket=UPLOADS, Key=key)
    s3().delete_bucket(Bucket=UPLOADS)

    cloud.run()
    [failure] = failures("imports")
    s3().create_bucket(Bucket=UPLOADS, CreateBucketConfiguration={"LocationConstraint": REGION})
    upload(import_, sheet)
    cloud.retry(clock.now + dt.timedelta(hours=1))
    cloud.run()

    assert (failure.state, failure.kind, failure.cause.code) == (
        FailureState.RETRYING,
        Kind.TRANSIENT,
        "uploads-unavailable",
    )
    assert ADA.get(path).body["state"] == "finished"
    assert [each.state for each in failures("imports")] == [FailureState.RESOLVED]


def test_a_file_that_is_no_export_is_no_failure_of_ours() -> None:
    cloud = Cloud()
    a_client_of(ADA)

    path = started(b"a,b\n1,2\n")
    cloud.run()

    shown = ADA.get(path).body
    assert (shown["state"], shown["failure"]["code"], failures()) == ("failed", "not-an-export", [])


def test_an_import_of_invoiced_work_is_not_undone(clock: Clock) -> None:
    cloud = Cloud()
    a_client_of(ADA)
    path = started(a_sheet(3))
    cloud.run()
    cloud.tick(clock.now)
    cloud.run()

    refused = ADA.ask("POST", f"{path}/undo")
    cloud.run()

    assert (refused.status, refused.body["detail"].partition(",")[0]) == (409, "3 entries stand on invoices")
    assert counted() == (3, 180)


def test_an_invoice_that_is_faster_than_an_undo_keeps_its_entries(clock: Clock) -> None:
    cloud = Cloud()
    a_client_of(ADA)
    path = started(a_sheet(3))
    cloud.run()
    ADA.ask("POST", f"{path}/undo")
    waiting, cloud.queues["imports"].waiting = cloud.queues["imports"].waiting, []
    cloud.tick(clock.now)
    cloud._publish()
    withdrawn, cloud.queues["imports"].waiting = cloud.queues["imports"].waiting, []
    cloud.run()

    cloud.queues["imports"].waiting = waiting + withdrawn
    cloud.run()

    shown = ADA.get(path).body
    assert (shown["state"], shown["counts"]["kept"], shown["counts"]["undone"]) == ("undone", 3, 0)
    assert counted() == (3, 180)


def test_one_accounts_rows_are_never_anothers() -> None:
    cloud = Cloud()
    a_client_of(BOB, name="Umbrella")
    a_client_of(ADA)
    log_work(ADA, ADA.get("/v1/clients").body["data"][0]["id"])

    path = started(a_sheet(2, client="Umbrella"))
    cloud.run()

    rows = ADA.get(f"{path}/rows").body["data"]
    assert {row.get("code") for row in rows} == {"unknown-client", "not-a-duration"}
    assert BOB.get(path).status == BOB.get(f"{path}/rows").status == 404
    assert wiring.imports().list(account_id=BOB.account_id).items == ()


def test_a_known_file_costs_few_calls() -> None:
    """A hundred rows that are there are looked up at once, and what became of them is one write."""
    cloud = Cloud()
    a_client_of(ADA)
    started(a_sheet(99))
    cloud.run()
    before = cloud.calls.copy()

    started(a_sheet(99))
    cloud.run()

    calls = cloud.calls - before
    assert calls["BatchGetItem"] == 1
    assert calls["TransactWriteItems"] == 4  # asked for, started, its rows, finished
