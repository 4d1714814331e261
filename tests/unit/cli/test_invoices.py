import datetime as dt
import io
import sys
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from domain.archiving import Document, Documents
from domain.delivery import Delivery
from domain.errors import Problem, TryAgainLaterError
from domain.identifiers import client_id
from domain.invoices import Invoice
from handlers.cli import following
from infrastructure import wiring
from tests.builders import ACME, MAILED_AT, UMBRELLA, a_client, a_work_entry, an_account, an_invoice_id
from tests.fakes import Moment, Step, Store
from tests.terminal import ME, Terminal
from tests.world import World

DUE = dt.date(2026, 10, 31)
CLIENT = a_client(account_id=ME)
INVOICE = an_invoice_id()


@pytest.fixture
def acme(world: World) -> World:
    """An account with one client and an hour of work for it."""
    return world.having(an_account(id=ME), CLIENT, a_work_entry(client=CLIENT))


@pytest.fixture
def issued(acme: World) -> Invoice:
    acme.tick(DUE)
    return acme.issue(INVOICE, client=CLIENT, day=DUE)


@pytest.fixture
def delivered(issued: Invoice, acme: World) -> Invoice:
    """An invoice that was printed and mailed."""
    wiring.archive().put(key="key", content=b"%PDF-1.7")
    deliver(acme)
    return issued


SUM = sha256(b"%PDF-1.7").hexdigest()


def deliver(world: World) -> None:
    def sent(delivery: Delivery) -> Delivery:
        document = Document(key="key", sha256=SUM)
        return (
            delivery.documented(Documents(pdf=document))
            .start("billing@acme.example", MAILED_AT)
            .sent("message")
        )

    world.deliveries.update(account_id=ME, invoice_id=INVOICE, change=sent)


def keep(world: World, documents: Documents) -> None:
    world.deliveries.update(
        account_id=ME, invoice_id=INVOICE, change=lambda delivery: delivery.documented(documents)
    )


def test_opens_what_is_due_for_this_account_only(invoicely: Terminal, acme: World) -> None:
    others = a_client(id=UMBRELLA)
    acme.having(others)

    ended = invoicely("invoices", "run", "--as-of", "2026-10-31T08:00:00+01:00")
    again = invoicely("invoices", "run", "--as-of", "2026-10-31T08:00:00+01:00", "--json")

    assert (ended.code, ended.out) == (0, f"Opened {INVOICE}.\n")
    assert again.json == {"opened": [], "approved": [], "let_go": [], "held": [], "failed": []}
    assert acme.clients.get(account_id=others.account_id, client_id=UMBRELLA).next_due_on == DUE


def test_opens_nothing_before_it_is_due(invoicely: Terminal, acme: World) -> None:
    ended = invoicely("invoices", "run", "--as-of", "2026-10-31T06:59:59Z")

    assert (ended.code, ended.out) == (0, "Nothing was due.\n")


@pytest.mark.parametrize(
    ("zone", "day", "told"),
    [
        ("Europe/Berlin", "2026-10-30", "Nothing was due."),
        ("Europe/Berlin", "2026-10-31", f"Opened {INVOICE}."),
        ("Pacific/Honolulu", "2026-10-30", f"Opened {INVOICE}."),
    ],
)
def test_a_day_means_its_end_where_the_account_is(
    invoicely: Terminal, acme: World, zone: str, day: str, told: str
) -> None:
    acme.accounts.update(account_id=ME, change=lambda account: replace(account, time_zone=zone))

    ended = invoicely("invoices", "run", "--as-of", day)

    assert (ended.code, ended.lines) == (0, [told])


@pytest.mark.parametrize("instant", ["2026-10-32", "2026-10-31T08:00:00", "tomorrow"])
def test_an_instant_needs_its_offset(invoicely: Terminal, acme: World, instant: str) -> None:
    ended = invoicely("invoices", "run", "--as-of", instant)

    assert (ended.code, len(ended.errors)) == (2, 1)
    assert "such as 2026-10-31" in ended.err


def test_tells_which_clients_are_held(invoicely: Terminal, world: World) -> None:
    world.having(an_account(id=ME), CLIENT)

    ended = invoicely("invoices", "run", "--as-of", "2028-01-01T00:00:00Z")

    assert len(ended.lines) == 13
    assert ACME in ended.lines[-1]


def test_tells_which_clients_failed_and_opens_the_others(
    invoicely: Terminal, acme: World, store: Store
) -> None:
    acme.having(a_client(account_id=ME, id=UMBRELLA))

    def fail_once(step: Step) -> None:
        if step == Step("opening.open", Moment.BEFORE, commits=True):
            store.hook = lambda _: None
            raise TryAgainLaterError("throttled")

    store.hook = fail_once
    ended = invoicely("invoices", "run", "--as-of", "2026-10-31T08:00:00Z")

    assert ended.code == 1
    assert ended.lines == [
        f"Opened {an_invoice_id(UMBRELLA)}.",
        f"{ACME} failed: TryAgainLaterError: throttled.",
    ]


def test_waits_until_what_was_opened_is_mailed(invoicely: Terminal, acme: World, store: Store) -> None:
    def pipeline(step: Step) -> None:
        if step == Step("opening.open", Moment.AFTER, commits=True):
            store.hook = lambda _: None
            acme.issue(INVOICE, client=CLIENT, day=DUE)
            deliver(acme)

    store.hook = pipeline
    ended = invoicely("invoices", "run", "--as-of", "2026-10-31T08:00:00Z", "--wait", "--json")

    assert ended.code == 0
    assert [(done["number"], done["delivery"]["progress"]) for done in ended.json["followed"]] == [
        ("2026-0001", "sent")
    ]
    assert ended.errors == [f"Opened {INVOICE}.", f"2026-0001 ({INVOICE}) is issued, its mail sent."]


def test_an_invoice_without_work_is_done_when_it_is_empty(
    invoicely: Terminal, world: World, store: Store
) -> None:
    world.having(an_account(id=ME), CLIENT)

    def pipeline(step: Step) -> None:
        if step == Step("opening.open", Moment.AFTER, commits=True):
            store.hook = lambda _: None
            world.issue(INVOICE, client=CLIENT, day=DUE)

    store.hook = pipeline
    ended = invoicely("invoices", "run", "--as-of", "2026-10-31T08:00:00Z", "--wait")

    assert (ended.code, ended.out) == (0, "1 of 1 are done.\n")
    assert ended.errors[-1] == f"{INVOICE} is empty."


def test_fails_where_nothing_goes_on(
    invoicely: Terminal, acme: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "PATIENCE", 0.01)

    ended = invoicely("invoices", "run", "--as-of", "2026-10-31T08:00:00Z", "--wait", "--json")

    assert (ended.code, [invoice["state"] for invoice in ended.json["followed"]]) == (1, ["open"])
    assert f"{INVOICE} is open after 0 s; it goes on by itself." in ended.err


def test_lists_invoices_the_newest_first(invoicely: Terminal, issued: Invoice, acme: World) -> None:
    acme.tick(dt.date(2026, 11, 30))

    shown, plain = invoicely("invoices", "list"), invoicely("invoices", "list", "--json").json

    assert [invoice["state"] for invoice in plain] == ["open", "issued"]
    assert shown.lines[3].split()[:3] == ["2026-0001", "Acme", "GmbH"]
    assert "100.00 EUR" in shown.lines[3]


def test_lists_invoices_of_one_day_by_their_numbers(invoicely: Terminal, world: World) -> None:
    clients = [a_client(account_id=ME, id=client_id(f"{each:016}")) for each in (3, 1, 2)]
    world.having(an_account(id=ME, number_pattern="{seq}"), *clients)
    world.having(*(a_work_entry(str(each) * 16, client=client) for each, client in enumerate(clients)))
    world.tick(DUE)
    for client in clients:
        world.issue(an_invoice_id(client.id), client=client, day=DUE)

    listed = invoicely("invoices", "list", "--json").json

    assert [each["number"] for each in listed] == ["3", "2", "1"]


def test_says_so_where_there_are_no_invoices(invoicely: Terminal) -> None:
    assert invoicely("invoices", "list").err == "There are no invoices yet.\n"


@pytest.mark.parametrize("said", [INVOICE, "2026-0001"])
def test_shows_an_invoice_by_id_or_number(invoicely: Terminal, issued: Invoice, said: str) -> None:
    shown, plain = invoicely("invoices", "show", said), invoicely("invoices", "show", said, "--json").json

    assert shown.lines[0] == f"2026-0001 to Acme GmbH  ({INVOICE}, issued, mail pending)"
    assert shown.lines[2].split() == ["2026-10-05", "1", "hour", "100.00", "EUR", "Analytical", "engine"]
    assert shown.lines[-2:] == ["  total 100.00 EUR", "  paid 0.00 EUR · 100.00 EUR is outstanding"]
    assert len(plain["lines"]) == 1


def test_shows_an_invoice_that_has_no_number_yet(invoicely: Terminal, acme: World) -> None:
    acme.tick(DUE)

    assert invoicely("invoices", "show", INVOICE).lines[0] == (
        f"No number yet, to Acme GmbH  ({INVOICE}, open)"
    )


@pytest.mark.parametrize(
    "said", ["inv_1", "inv_00000000000000002026103", "2026-0002", an_invoice_id(UMBRELLA)]
)
@pytest.mark.parametrize("verb", ["show", "pdf"])
def test_an_invoice_that_is_not_there_is_not_found(
    invoicely: Terminal, issued: Invoice, verb: str, said: str
) -> None:
    ended = invoicely("invoices", verb, said)

    assert (ended.code, len(ended.errors)) == (3, 1)


def test_stores_the_pdf(
    invoicely: Terminal, delivered: Invoice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    by_itself = invoicely("invoices", "pdf", "2026-0001")
    by_name = invoicely("invoices", "pdf", INVOICE, "--output", tmp_path / "my.pdf", "--json").json

    assert by_itself.out == "Stored invoice-2026-0001.pdf.\n"
    assert (tmp_path / "invoice-2026-0001.pdf").read_bytes() == b"%PDF-1.7"
    assert by_name == {"file": str(tmp_path / "my.pdf"), "bytes": 8, "sha256": SUM}


def test_writes_the_pdf_to_a_pipe(
    invoicely: Terminal, delivered: Invoice, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(pipe))

    invoicely("invoices", "pdf", INVOICE, "-o", "-")

    assert pipe.getvalue() == b"%PDF-1.7"


def test_a_pdf_that_is_another_than_was_stored_is_given_to_nobody(
    invoicely: Terminal, issued: Invoice, acme: World, tmp_path: Path
) -> None:
    deliver(acme)
    wiring.archive().put(key="key", content=b"%PDF-1.8")

    ended = invoicely("invoices", "pdf", INVOICE, "-o", tmp_path / "my.pdf")

    told = "error: key is not the document that was stored: its hash differs"
    assert (ended.code, ended.errors) == (1, [told])
    assert not (tmp_path / "my.pdf").exists()


def test_a_pdf_that_is_not_made_yet_is_not_found(invoicely: Terminal, issued: Invoice) -> None:
    ended = invoicely("invoices", "pdf", INVOICE)

    assert (ended.code, len(ended.errors)) == (3, 1)


@pytest.mark.usefixtures("issued")
@pytest.mark.parametrize(("said", "syntax"), [((), "cii"), (("--syntax", "ubl"), "ubl")])
def test_stores_the_e_invoice(
    invoicely: Terminal, world: World, tmp_path: Path, said: tuple[str, ...], syntax: str
) -> None:
    sums = {key: sha256(key.encode()).hexdigest() for key in ("cii", "ubl")}
    cii, ubl = (Document(key=key, sha256=each) for key, each in sums.items())
    for document in (cii, ubl):
        wiring.archive().put(key=document.key, content=document.key.encode())
    keep(world, Documents(pdf=Document(key="key", sha256="sum"), cii=cii, ubl=ubl))

    stored = invoicely("invoices", "xml", "2026-0001", "-o", tmp_path / "my.xml", "--json", *said).json

    assert stored == {"file": str(tmp_path / "my.xml"), "bytes": 3, "sha256": sums[syntax]}
    assert (tmp_path / "my.xml").read_text() == syntax


def test_tells_why_there_is_no_e_invoice(invoicely: Terminal, acme: World, issued: Invoice) -> None:
    why = Problem("/currency", "too-many-digits", "KWD has 3 decimal places")
    keep(acme, Documents(pdf=Document(key="key", sha256="sum"), not_carried=(why,)))

    ended, shown = invoicely("invoices", "xml", INVOICE), invoicely("invoices", "show", INVOICE)

    told = "2026-0001 has its PDF, but no e-invoice: KWD has 3 decimal places"
    assert (ended.code, ended.errors) == (3, [f"error: {told}"])
    assert "  No e-invoice: KWD has 3 decimal places." in shown.lines


def test_an_e_invoice_that_is_not_made_yet_is_not_found(invoicely: Terminal, issued: Invoice) -> None:
    ended = invoicely("invoices", "xml", INVOICE)

    assert (ended.code, len(ended.errors)) == (3, 1)


def test_a_place_that_cannot_be_written_is_told(
    invoicely: Terminal, delivered: Invoice, tmp_path: Path
) -> None:
    ended = invoicely("invoices", "pdf", INVOICE, "-o", tmp_path / "none" / "my.pdf")

    assert (ended.code, ended.errors) == (1, [f"error: {tmp_path}/none/my.pdf: No such file or directory"])


def test_bills_now_and_says_what_was_opened(invoicely: Terminal, acme: World) -> None:
    ended = invoicely("invoices", "bill", "acme gmbh")

    todays = an_invoice_id(due_on=dt.date(2026, 10, 28))
    assert (ended.code, ended.lines) == (
        0,
        [
            f"Opened {todays} for 2026-10-01 to 2026-10-28.",
            f"  invoicely invoices show {todays} tells how far it is",
        ],
    )
    assert acme.invoices.get(account_id=ME, invoice_id=todays).period_end == dt.date(2026, 10, 29)


def test_bills_up_to_a_day(invoicely: Terminal, acme: World) -> None:
    plain = invoicely("invoices", "bill", ACME, "--until", "2026-10-05", "--json").json

    assert (plain["state"], plain["period_end"]) == ("open", "2026-10-06")


@pytest.mark.parametrize(
    ("until", "code", "told"),
    [
        ("2026-10-04", 5, "error: cli_acme000000000000 has no unbilled work up to 2026-10-04"),
        ("2026-10-29", 2, "until: must not be after today, which is 2026-10-28 in the client's time zone"),
        ("soon", 2, "soon is no date; give one such as 2026-10-31"),
    ],
)
def test_what_cannot_be_billed_is_told(
    invoicely: Terminal, acme: World, until: str, code: int, told: str
) -> None:
    ended = invoicely("invoices", "bill", ACME, "--until", until)

    assert (ended.code, ended.out) == (code, "")
    assert told in ended.err


def test_previews_the_next_invoice_and_stores_nothing(invoicely: Terminal, acme: World, store: Store) -> None:
    written = len(store.stream)

    ended = invoicely("invoices", "preview", "acme gmbh")
    plain = invoicely("invoices", "preview", "acme gmbh", "--json").json

    assert ended.lines[0] == "2026-10-01 to 2026-10-30 · invoice day 2026-10-31 · not made yet"
    assert ended.lines[1].split() == ["2026-10-05", "1", "hour", "100.00", "EUR", "Analytical", "engine"]
    assert ended.lines[2:] == [
        "  no tax on 100.00 EUR, category O: Not subject to VAT.",
        "  total 100.00 EUR",
    ]
    assert (plain["due_on"], plain["total"], len(plain["lines"])) == ("2026-10-31", 100_00, 1)
    assert len(store.stream) == written


def test_previews_what_billing_would_make(invoicely: Terminal, acme: World) -> None:
    ended = invoicely("invoices", "preview", ACME, "--until", "2026-10-04")

    assert ended.lines == [
        "2026-10-01 to 2026-10-04 · invoice day 2026-10-28 · not made yet",
        "  total 0.00 EUR",
    ]
