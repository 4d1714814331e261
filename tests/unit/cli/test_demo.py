"""What the demo does is seen end to end; here are its parts where things go wrong."""

from email.message import EmailMessage
from pathlib import Path
from typing import NoReturn
from urllib.error import URLError
from urllib.request import OpenerDirector

import pytest

from handlers.cli import output
from handlers.cli.demo import example, waiting
from handlers.cli.demo.api import Api, RefusedError
from handlers.cli.demo.billing import Charged, Due, dues
from handlers.cli.demo.mails import mail_with
from handlers.cli.demo.summary import Summary
from handlers.cli.demo.waiting import DemoError, until
from infrastructure.local_cloud import control
from tests.terminal import Terminal

ROOT = Path(__file__).parents[3]
HUDSON = {
    "id": "cli_0000000000000001",
    "next_due_on": "2026-10-15",
    "invoice_day": 15,
    "time_zone": "America/New_York",
}


def put(mailbox: Path, name: str, recipient: str, document: bytes) -> bytes:
    mail = EmailMessage()
    mail["To"] = recipient
    mail.set_content("Hello")
    mail.add_attachment(document, maintype="application", subtype="pdf", filename="invoice.pdf")
    (mailbox / name).write_bytes(mail.as_bytes())
    return mail.as_bytes()


def test_finds_the_mail_with_the_very_document(tmp_path: Path) -> None:
    put(tmp_path, "1.eml", "a@example.com", b"%PDF other")
    put(tmp_path, "2.eml", "b@example.com", b"%PDF")
    wanted = put(tmp_path, "3.eml", "a@example.com", b"%PDF")

    assert mail_with(tmp_path, "a@example.com", b"%PDF") == wanted
    assert mail_with(tmp_path, "c@example.com", b"%PDF") is None


def test_a_wait_ends_with_what_it_waited_for() -> None:
    answers = iter([None, None, "there"])

    assert until(lambda: next(answers), otherwise=lambda: "") == "there"


def test_a_wait_ends_when_nothing_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "PATIENCE", 0.01)

    with pytest.raises(DemoError, match="the mail is pending"):
        until(lambda: None, otherwise=lambda: "the mail is pending")


def test_invoice_days_go_on_until_all_work_is_invoiced() -> None:
    last_day = example.load(ROOT / "examples").last_day

    found = list(dues(HUDSON, last_day))

    assert [(due.at.isoformat(), due.clock) for due in found] == [
        ("2026-10-15T12:00:00+00:00", "15 Oct 2026 08:00 in New York"),
        ("2026-11-15T13:00:00+00:00", "15 Nov 2026 08:00 in New York"),
    ]
    assert found[0] == Due(HUDSON, found[0].day)
    assert found[0].path == "/invoices/inv_000000000000000120261015"


def test_a_timesheet_with_a_broken_row_is_not_played(tmp_path: Path) -> None:
    header = "Client,Project,Description,Billable,Start date,Start time,Duration"
    (tmp_path / example.TIMESHEET).write_text(f"{header}\nAcme,,,Yes,2026-10-01,09:00:00,1:00:00\n")

    with pytest.raises(DemoError, match="cannot be imported"):
        example.load(tmp_path)


class Unplugged(OpenerDirector):
    """A network on which nobody answers."""

    def open(self, *_: object, **__: object) -> NoReturn:
        raise URLError(ConnectionRefusedError(111, "Connection refused"))


def test_an_api_that_does_not_answer_is_told_with_what_was_asked() -> None:
    api = Api("http://127.0.0.1:1/api", "token", Unplugged())

    with pytest.raises(RefusedError, match="GET /api/v1/clients: no answer"):
        api.get("/clients?limit=100")


@pytest.fixture
def summary() -> Summary:
    """One invoice for one client of the examples, with long paths."""
    invoice = {
        "client_id": HUDSON["id"],
        "number": "HUD-2026-0001",
        "entries": 12,
        "total": 123_456,
        "currency": "USD",
    }
    folder = Path("/somewhere/far/away/on/this/disk/out")
    charged = Charged(invoice, folder / "invoices/HUD-2026-0001.pdf", folder / "mail/HUD-2026-0001.eml")
    month = example.load(ROOT / "examples")
    return Summary(month, [HUDSON | {"name": "Hudson Robotics, Inc."}], [charged], {"Import": 1.0})


def test_the_summary_is_one_table_where_there_is_room(
    summary: Summary, capsys: pytest.CaptureFixture[str]
) -> None:
    summary.show()

    shown = capsys.readouterr().out
    [line] = [line for line in shown.splitlines() if "HUD-2026-0001.pdf" in line]
    assert "1,234.56 USD" in line
    assert "the work of October 2026; the date of issue is today's" in shown


def test_a_narrow_summary_breaks_neither_cell_nor_path(
    summary: Summary, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "WIDTH_OF_A_PIPE", 80)

    summary.show()

    lines = capsys.readouterr().out.splitlines()
    [line] = [line for line in lines if "Hudson Robotics, Inc." in line]
    assert line.endswith("1,234.56 USD")
    assert "/somewhere/far/away/on/this/disk/out/invoices/HUD-2026-0001.pdf" in lines
    assert "/somewhere/far/away/on/this/disk/out/mail/HUD-2026-0001.eml" in lines


def test_a_folder_that_cannot_be_written_is_told_before_anything_starts(
    invoicely: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "out").write_text("a file")
    monkeypatch.setattr(control, "up", None)

    ended = invoicely("demo", "--out", tmp_path / "out")

    assert (ended.code, len(ended.errors)) == (2, 1)
    assert "--out: nothing can be written to" in ended.err
