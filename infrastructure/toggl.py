"""Toggl Track's detailed report as CSV: each row as work, or why it cannot be taken.

    column                  becomes
    Client                  the client with that name
    Project                 the project
    Task, Description       the description: "task: description", or the one that there is, or the project
    Billable                billable or not (Yes, No)
    Start date              the date, also where the work went on after midnight
    Duration                whole minutes, half a minute rounded up
    Tags                    tags

Rows of one user that say the same but for project, tags and billable have the same fingerprint. The end
follows from the start and the duration; the amount, of rates Toggl Track knows, is left alone. The columns
are those of https://support.toggl.com, "Editing and uploading a CSV file".
"""

import datetime as dt
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence

from domain import calendar
from domain.errors import InvalidError
from domain.timesheets import NotAnExportError, Refusal, Row
from domain.work import WorkDetails
from infrastructure import delimited

NEEDED = (
    "Client",
    "Project",
    "Description",
    "Billable",
    "Start date",
    "Start time",
    "Duration",
)
OPTIONAL = ("User", "Task", "Tags")

_DURATION = re.compile(r"(\d{1,5}):([0-5]\d):([0-5]\d)")
_DAY = 24 * 60 * 60
_BILLABLE = {"yes": True, "no": False}

Values = Mapping[str, str]


class UnreadableRowError(Exception):
    """A value of a row cannot be taken over; the message says why and what would be right."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


def read(content: bytes) -> Sequence[Row | Refusal]:
    """Read a whole file; what cannot be taken is told in its place.

    Raises:
        NotAnExportError: it is no detailed report of Toggl Track.
    """
    try:
        found = delimited.read(content, needed=NEEDED, optional=OPTIONAL)
    except NotAnExportError as error:
        raise NotAnExportError(f"{error}; wanted is the detailed report of Toggl Track as CSV") from error
    return [cells if isinstance(cells, Refusal) else _row(cells) for cells in found]


def _row(cells: delimited.Cells) -> Row | Refusal:
    values = {name: _clean(value) for name, value in cells.values.items()}
    try:
        return Row(
            line=cells.line,
            client=_client(values),
            fingerprint=_fingerprint(values),
            details=_details(values),
        )
    except UnreadableRowError as error:
        return Refusal(cells.line, error.code, str(error))
    except InvalidError as error:
        reasons = (f"{problem.pointer.removeprefix('/')} {problem.message}" for problem in error.problems)
        return Refusal(cells.line, error.code, "; ".join(reasons))


def _details(values: Values) -> WorkDetails:
    return WorkDetails(
        date=_date(values["Start date"]),
        description=_description(values),
        minutes=_minutes(values["Duration"]),
        project=values["Project"] or None,
        tags=_tags(values),
        billable=_billable(values["Billable"]),
    )


def _fingerprint(values: Values) -> str:
    """Equal for rows about the same work: who did what, for whom and when, however it is written.

    Project, tags and billable are left out: they are changed later, or missing from other exports.
    """
    parts = [
        *(values.get(name, "").casefold() for name in ("User", "Client", "Task", "Description")),
        str(_date(values["Start date"])),
        str(_time(values["Start time"])),
        str(_seconds(values["Duration"])),
    ]
    return json.dumps(["toggl", *parts], ensure_ascii=False)


def _client(values: Values) -> str:
    if not values["Client"]:
        raise UnreadableRowError("no-client", "names no client; give its project a client in Toggl Track")
    return values["Client"]


def _description(values: Values) -> str:
    task, description = values.get("Task", ""), values["Description"]
    told = f"{task}: {description}" if task and description else task or description or values["Project"]
    if not told:
        raise UnreadableRowError("no-description", "has no description, task or project; say what was done")
    return told


def _billable(value: str) -> bool:
    if value.casefold() in _BILLABLE:
        return _BILLABLE[value.casefold()]
    raise UnreadableRowError("not-yes-or-no", f'billable is "{value}"; it must be Yes or No')


def _tags(values: Values) -> tuple[str, ...]:
    tags = (tag.strip() for tag in values.get("Tags", "").split(","))
    return tuple(dict.fromkeys(tag for tag in tags if tag))


def _date(value: str) -> dt.date:
    try:
        return calendar.written_date(value)
    except ValueError as error:
        reason = f'start date is "{value}"; it must be as 2026-10-31'
        raise UnreadableRowError("not-a-date", reason) from error


def _time(value: str) -> dt.time:
    try:
        return dt.time.fromisoformat(value.zfill(len("09:30:00")))
    except ValueError as error:
        reason = f'start time is "{value}"; it must be as 09:30:00'
        raise UnreadableRowError("not-a-time", reason) from error


def _minutes(value: str) -> int:
    seconds = _seconds(value)
    if seconds > _DAY:
        raise UnreadableRowError("too-long", f"lasts {value}; an entry has at most 24 hours, so split it")
    if (minutes := (seconds + 30) // 60) == 0:
        raise UnreadableRowError("too-short", f"lasts {value}; that is less than half a minute")
    return minutes


def _seconds(value: str) -> int:
    if not (found := _DURATION.fullmatch(value)):
        raise UnreadableRowError("not-a-duration", f'duration is "{value}"; it must be as 1:30:00')
    hours, minutes, seconds = map(int, found.groups())
    return hours * 3600 + minutes * 60 + seconds


def _clean(value: str) -> str:
    """The text composed (NFC), without spaces around its lines; equal text may be typed in several ways."""
    lines = (" ".join(line.split()) for line in unicodedata.normalize("NFC", value).strip().split("\n"))
    return "\n".join(lines)
