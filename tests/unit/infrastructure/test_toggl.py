import datetime as dt

import pytest

from domain.timesheets import NotAnExportError, Refusal, Row
from domain.work import WorkDetails
from infrastructure import toggl
from infrastructure.delimited import MOST_BYTES

HEADER = (
    "User,Email,Client,Project,Task,Description,Billable,"
    "Start date,Start time,End date,End time,Duration,Tags,Amount (EUR)"
)
NAMES = HEADER.split(",")


def a_row(**changes: str) -> str:
    values = {
        "User": "Ada",
        "Email": "ada@example.com",
        "Client": "Müller GmbH",
        "Project": "Shop",
        "Description": "Checkout",
        "Billable": "Yes",
        "Start date": "2026-10-01",
        "Start time": "09:00:00",
        "End date": "2026-10-01",
        "End time": "10:30:00",
        "Duration": "01:30:00",
        "Amount (EUR)": "135.00",
    }
    values |= {name.replace("_", " "): value for name, value in changes.items()}
    return ",".join(values.get(name, "") for name in NAMES)


def an_export(*rows: str, header: str = HEADER) -> bytes:
    return "\r\n".join([header, *rows, ""]).encode("utf-8-sig")


def the_row(content: bytes) -> Row:
    [row] = toggl.read(content)
    assert isinstance(row, Row)
    return row


def the_refusal(**changes: str) -> tuple[str, str]:
    [refusal] = toggl.read(an_export(a_row(**changes)))
    assert isinstance(refusal, Refusal)
    return refusal.code, refusal.reason


def test_reads_a_row_as_work() -> None:
    row = the_row(an_export(a_row(Tags='"backend, on site"')))

    assert (row.line, row.client) == (2, "Müller GmbH")
    assert row.details == WorkDetails(
        date=dt.date(2026, 10, 1),
        description="Checkout",
        minutes=90,
        project="Shop",
        tags=("backend", "on site"),
    )


def test_reads_every_form_of_the_export_alike() -> None:
    with_mark = an_export(a_row())
    quoted = "\n".join(
        ",".join(f'"{cell}"' for cell in line.split(",")[:-1]) for line in (HEADER, a_row())
    ).encode()
    semicolons = with_mark.replace(b",", b";")
    turned_round = "\n".join(
        ",".join(reversed(line.split(","))) for line in (HEADER.upper(), a_row())
    ).encode()

    forms = [with_mark, with_mark.removeprefix(b"\xef\xbb\xbf"), quoted, semicolons, turned_round]
    rows = [the_row(form) for form in forms]

    assert rows == [rows[0]] * len(forms)


def test_leaves_out_columns_that_it_does_not_know() -> None:
    lines = [f"{HEADER},Mood", f"{a_row()},good"]

    assert the_row("\n".join(lines).encode()) == the_row(an_export(a_row()))


@pytest.mark.parametrize(
    ("duration", "minutes"),
    [("0:00:30", 1), ("0:01:29", 1), ("00:01:30", 2), ("1:29:30", 90), ("24:00:00", 1440)],
)
def test_rounds_the_duration_half_up_to_minutes(duration: str, minutes: int) -> None:
    assert the_row(an_export(a_row(Duration=duration))).details.minutes == minutes


def test_dates_work_past_midnight_on_the_day_it_began() -> None:
    row = the_row(an_export(a_row(Start_time="23:00:00", End_date="2026-10-02", End_time="00:30:00")))

    assert row.details.date == dt.date(2026, 10, 1)


@pytest.mark.parametrize(
    ("task", "description", "expected"),
    [
        ("Review", "Checkout", "Review: Checkout"),
        ("Review", "", "Review"),
        ("", "Checkout", "Checkout"),
        ("", " ", "Shop"),
    ],
)
def test_describes_the_work_by_what_there_is(task: str, description: str, expected: str) -> None:
    assert the_row(an_export(a_row(Task=task, Description=description))).details.description == expected


def test_takes_work_that_is_not_billable() -> None:
    assert the_row(an_export(a_row(Billable="no"))).details.billable is False


def test_counts_the_lines_of_rows_with_several() -> None:
    two_lines = a_row(Description='"first\r\nsecond"')

    read = toggl.read(an_export(two_lines, "", a_row(Duration="soon"), a_row()))

    assert [row.line for row in read] == [2, 5, 6]
    assert isinstance(read[0], Row)
    assert read[0].details.description == "first\nsecond"


@pytest.mark.parametrize(
    ("changes", "code", "reason"),
    [
        ({"Client": ""}, "no-client", "names no client; give its project a client in Toggl Track"),
        (
            {"Description": "", "Project": ""},
            "no-description",
            "has no description, task or project; say what was done",
        ),
        ({"Billable": "maybe"}, "not-yes-or-no", 'billable is "maybe"; it must be Yes or No'),
        ({"Start date": "31.10.2026"}, "not-a-date", 'start date is "31.10.2026"; it must be as 2026-10-31'),
        ({"Start date": "2026-W44"}, "not-a-date", 'start date is "2026-W44"; it must be as 2026-10-31'),
        ({"Start time": "9 am"}, "not-a-time", 'start time is "9 am"; it must be as 09:30:00'),
        ({"Duration": "-1:30:00"}, "not-a-duration", 'duration is "-1:30:00"; it must be as 1:30:00'),
        ({"Duration": "1:75:00"}, "not-a-duration", 'duration is "1:75:00"; it must be as 1:30:00'),
        ({"Duration": "0:00:29"}, "too-short", "lasts 0:00:29; that is less than half a minute"),
        ({"Duration": "24:00:01"}, "too-long", "lasts 24:00:01; an entry has at most 24 hours, so split it"),
        ({"Project": "P" * 201}, "invalid", "project has 201 characters; at most 200 are allowed"),
    ],
)
def test_says_why_a_row_cannot_be_taken(changes: dict[str, str], code: str, reason: str) -> None:
    assert the_refusal(**changes) == (code, reason)


@pytest.mark.parametrize("broken", [f"{a_row()},more", "Ada,Müller GmbH", a_row(Description='"a" b')])
def test_goes_on_after_a_row_with_the_wrong_cells(broken: str) -> None:
    [refusal, row] = toggl.read(an_export(broken, a_row()))

    assert isinstance(refusal, Refusal)
    assert (refusal.line, refusal.code) == (2, "broken-row")
    assert isinstance(row, Row)


def test_a_quote_that_is_never_closed_costs_only_its_own_row() -> None:
    unclosed = a_row(Description='"Checkout')

    read = toggl.read(an_export(unclosed, *[a_row()] * 300))

    assert [row.line for row in read if isinstance(row, Refusal)] == [2]
    assert sum(isinstance(row, Row) for row in read) == 300


@pytest.mark.parametrize(
    "same",
    [
        a_row(**{"Amount (EUR)": "99.00"}),
        a_row(Duration="1:30:00", Email="new@example.com"),
        a_row(Description="  Checkout "),
        a_row(Client="MU\u0308LLER GmbH"),
        a_row(Start_time="9:00:00"),
        a_row(Project="Website", Tags='"b, a"', Billable="No"),
    ],
)
def test_rows_that_say_the_same_have_one_fingerprint(same: str) -> None:
    assert the_row(an_export(same)).fingerprint == the_row(an_export(a_row())).fingerprint


@pytest.mark.parametrize(
    "column",
    ["User", "Client", "Task", "Description", "Start date", "Start time", "Duration"],
)
def test_rows_that_differ_have_fingerprints_of_their_own(column: str) -> None:
    others = {"Start date": "2026-10-02", "Start time": "09:00:01", "Duration": "01:30:01"}

    other = the_row(an_export(a_row(**{column: others.get(column, "other")})))

    assert other.fingerprint != the_row(an_export(a_row())).fingerprint


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "the file is empty"),
        (b"\n \r\n", "the file is empty"),
        (b"\x89PNG\r\n", "the file is not text in UTF-8"),
        ("Müller".encode("latin-1"), "the file is not text in UTF-8"),
        (b"a\0b", "the file is not text"),
        (b'"User', "the file's first line is no header: unexpected end of data"),
        (
            b"Client,Project,Description,Start date",
            'the file has no column "Billable", "Start time", "Duration"',
        ),
        (f"{HEADER},Client".encode(), 'the file has more than one column "Client"'),
        (b"x," * 5_001, "the file's first line is no header: it is too long"),
        (b"x\r\n" * 200_001, "the file has more than 200,000 lines; export fewer months at once"),
        (b"x" * (MOST_BYTES + 1), "the file has more than 10 MB; export fewer months at once"),
    ],
)
def test_refuses_a_file_that_is_no_such_export(content: bytes, problem: str) -> None:
    with pytest.raises(NotAnExportError) as refused:
        toggl.read(content)

    assert str(refused.value) == f"{problem}; wanted is the detailed report of Toggl Track as CSV"
