import datetime as dt

import pytest

from domain.archiving import Document, Documents
from domain.chain import sha256_of
from domain.errors import Problem
from domain.identifiers import CreditNoteId
from domain.invoices import Invoice
from infrastructure import wiring
from tests.builders import MAILED_AT, a_client, a_work_entry, an_account, an_invoice_id
from tests.fakes import Store
from tests.fakes.store import Step
from tests.gateway import Response, User
from tests.world import World

DUE = dt.date(2026, 10, 31)
LATER = dt.date(2026, 11, 10)
INVOICE = an_invoice_id()
AT = f"/v1/invoices/{INVOICE}"
NOTES = f"{AT}/credit-notes"
OCTOBER_1, OCTOBER_2 = (
    a_work_entry(body, date=dt.date(2026, 10, int(body[0])), minutes=60 * int(body[0]))
    for body in ("1" * 16, "2" * 16)
)


@pytest.fixture
def issued(world: World, ada: User) -> Invoice:
    """An invoice of an hour and of two more, at 100.00 an hour."""
    client = a_client(account_id=ada.account_id)
    work = [
        a_work_entry(each.id[-16:], client=client, date=each.date, minutes=each.minutes)
        for each in (OCTOBER_1, OCTOBER_2)
    ]
    world.having(an_account(id=ada.account_id), client, *work)
    world.tick(DUE)
    return world.issue(INVOICE, client=client, day=DUE)


def finished(world: World, user: User, note: str) -> CreditNoteId:
    """What becomes of it by itself."""
    return world.finish(CreditNoteId(note), account_id=user.account_id, day=LATER).id


def keep(world: World, user: User, note: str, **documents: Document | tuple[Problem, ...]) -> None:
    kept = Documents(pdf=stored("pdf"), **documents)  # type: ignore[arg-type] # by their names
    world.deliveries.update(
        account_id=user.account_id,
        invoice_id=CreditNoteId(note),
        change=lambda delivery: delivery.documented(kept),
    )


def stored(ending: str) -> Document:
    document = Document(key=f"1.{ending}", sha256=sha256_of(ending.encode()))
    wiring.archive().put(key=document.key, content=ending.encode())
    return document


def stands(user: User) -> dict[str, object]:
    """How the invoice stands."""
    told = user.get(AT).body
    return {name: told.get(name) for name in ("state", "outstanding", "credited", "released", "crediting")}


def test_an_invoice_is_taken_back_and_says_so_until_that_is_done(ada: User, issued: Invoice) -> None:
    response = ada.post(NOTES, {"reason": "Wrong client"})

    note = response.body["id"]
    assert (response.status, response.headers["location"]) == (202, f"/v1/credit-notes/{note}")
    assert response.body == {
        "id": note,
        "invoice_id": INVOICE,
        "client_id": issued.client_id,
        "currency": "EUR",
        "state": "open",
        "opened_at": "2026-10-28T09:10:00Z",
        "chosen": [],
        "reason": "Wrong client",
        "entries": 0,
        "net": 0,
    }
    assert stands(ada) == {
        "state": "issued",
        "outstanding": 300_00,
        "credited": 0,
        "released": 0,
        "crediting": note,
    }


def test_a_credit_note_of_all_comes_to_what_the_invoice_comes_to(
    world: World, ada: User, issued: Invoice
) -> None:
    note = finished(world, ada, ada.post(NOTES, {}).body["id"])

    shown = ada.get(f"/v1/credit-notes/{note}").body

    told = ("state", "number", "issued_on", "entries", "net", "tax_amount", "total", "credited")
    assert [shown[name] for name in told] == [
        *("issued", "CN-2026-0001", "2026-11-10"),
        *(2, 300_00, 0, 300_00, 300_00),
    ]
    assert shown["totals"] == ada.get(AT).body["totals"]
    assert shown["delivery"] == {"progress": "pending"}
    assert ([line["id"] for line in shown["lines"]], shown["has_more_lines"]) == (
        [OCTOBER_1.id, OCTOBER_2.id],
        False,
    )
    assert stands(ada) == {
        "state": "issued",
        "outstanding": 0,
        "credited": 300_00,
        "released": 2,
        "crediting": None,
    }


def test_chosen_lines_are_taken_back_and_can_be_edited_again(
    world: World, ada: User, issued: Invoice
) -> None:
    finished(world, ada, ada.post(NOTES, {"lines": [OCTOBER_2.id]}).body["id"])

    [listed] = ada.get(NOTES).body["data"]
    edited = ada.patch(f"/v1/work-entries/{OCTOBER_2.id}", {"minutes": 30})
    fixed = ada.patch(f"/v1/work-entries/{OCTOBER_1.id}", {"minutes": 30})

    assert (listed["chosen"], listed["credited"]) == ([OCTOBER_2.id], 200_00)
    assert (edited.status, fixed.status) == (200, 409)
    assert [line["amount"] for line in ada.get(f"{AT}/lines").body["data"]] == [100_00, 200_00]


def test_credit_notes_are_listed_the_oldest_first(world: World, ada: User, issued: Invoice) -> None:
    notes = [
        finished(world, ada, ada.post(NOTES, {"lines": [line]}).body["id"])
        for line in (OCTOBER_1.id, OCTOBER_2.id)
    ]

    first = ada.get(NOTES, limit=1).body
    rest = ada.get(NOTES, cursor=first["next_cursor"]).body

    assert [note["id"] for note in (*first["data"], *rest["data"])] == notes


def test_a_credit_note_shows_a_hundred_lines_and_says_that_there_are_more(world: World, ada: User) -> None:
    client = a_client(account_id=ada.account_id)
    work = [a_work_entry(f"{number:016}", client=client) for number in range(101)]
    world.having(an_account(id=ada.account_id), client, *work).tick(DUE)
    world.issue(INVOICE, client=client, day=DUE)

    note = finished(world, ada, ada.post(NOTES, {}).body["id"])

    shown = ada.get(f"/v1/credit-notes/{note}").body
    assert (shown["entries"], len(shown["lines"]), shown["has_more_lines"]) == (101, 100, True)


def test_a_request_that_comes_twice_with_its_key_takes_back_once(ada: User, issued: Invoice) -> None:
    twice = [ada.ask("POST", NOTES, "{}", headers={"idempotency-key": "once"}) for _ in range(2)]

    assert [response.status for response in twice] == [202, 202]
    assert twice[0].body == twice[1].body
    assert len(ada.get(NOTES).body["data"]) == 1


def test_a_request_whose_answer_was_lost_goes_on_with_its_credit_note(
    store: Store, ada: User, issued: Invoice
) -> None:
    def hook(step: Step) -> None:
        if (step.call, step.moment) == ("crediting.begin", "after"):
            store.hook = lambda _: None
            raise RuntimeError("the answer is lost")

    store.hook = hook
    lost = ada.ask("POST", NOTES, "{}", headers={"idempotency-key": "once"})
    again = ada.ask("POST", NOTES, "{}", headers={"idempotency-key": "once"})

    assert (lost.status, again.status) == (500, 202)
    assert [note["id"] for note in ada.get(NOTES).body["data"]] == [again.body["id"]]


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"lines": [OCTOBER_1.id, OCTOBER_1.id]}, "/lines", "twice"),
        ({"lines": ["wrk_1"]}, "/lines/0", "not-on-the-invoice"),
        ({"lines": OCTOBER_1.id}, "/lines", None),
        ({"reason": "\u0007"}, "/reason", None),
        ({"reasons": "None"}, "/reasons", None),
    ],
)
def test_what_is_no_correction_is_refused(
    ada: User, issued: Invoice, body: dict[str, object], pointer: str, code: str | None
) -> None:
    response = ada.post(NOTES, body)

    [error] = response.body["errors"]
    assert (response.status, error["pointer"]) == (422, pointer)
    assert code in {None, error["code"]}
    assert ada.get(NOTES).body["data"] == []


def test_one_credit_note_is_made_at_a_time(ada: User, issued: Invoice) -> None:
    ada.post(NOTES, {"lines": [OCTOBER_1.id]})

    assert problem(ada.post(NOTES, {})) == (409, "credit-note-under-way")


def test_what_is_taken_back_already_is_not_taken_back_again(world: World, ada: User, issued: Invoice) -> None:
    finished(world, ada, ada.post(NOTES, {"lines": [OCTOBER_1.id]}).body["id"])
    twice = ada.post(NOTES, {"lines": [OCTOBER_1.id]})
    finished(world, ada, ada.post(NOTES, {}).body["id"])

    assert (twice.status, twice.body["errors"][0]["code"]) == (422, "taken-back")
    assert problem(ada.post(NOTES, {})) == (409, "invoice-is-credited")


def test_only_what_is_issued_can_be_taken_back_or_made_void(world: World, ada: User) -> None:
    world.having(an_account(id=ada.account_id), a_client(account_id=ada.account_id)).tick(DUE)

    refused = [ada.post(NOTES, {}), ada.post(f"{AT}/void", {})]

    assert [problem(each) for each in refused] == [(409, "invoice-not-issued-yet")] * 2


def test_the_documents_of_a_credit_note_are_behind_addresses(
    world: World, ada: User, issued: Invoice
) -> None:
    note = finished(world, ada, ada.post(NOTES, {}).body["id"])
    early = ada.get(f"/v1/credit-notes/{note}/pdf")
    keep(world, ada, note, cii=stored("cii.xml"), ubl=stored("ubl.xml"))

    pdf = ada.get(f"/v1/credit-notes/{note}/pdf")
    cii = ada.get(f"/v1/credit-notes/{note}/xml")
    ubl = ada.get(f"/v1/credit-notes/{note}/xml", syntax="ubl")

    assert problem(early) == (409, "no-document-yet")
    assert pdf.body == {
        "url": "memory://documents/1.pdf?filename=credit-note-CN-2026-0001.pdf",
        "expires_at": "2026-10-28T09:15:00Z",
    }
    assert [each.body["url"].rpartition("/")[2] for each in (cii, ubl)] == [
        f"1.{syntax}.xml?filename=credit-note-CN-2026-0001.{syntax}.xml" for syntax in ("cii", "ubl")
    ]


def test_it_is_told_what_the_xml_of_a_credit_note_cannot_carry(
    world: World, ada: User, issued: Invoice
) -> None:
    note = finished(world, ada, ada.post(NOTES, {}).body["id"])
    keep(world, ada, note, not_carried=(Problem("/currency", "too-many-digits", "KWD has 3 digits"),))

    refused = ada.get(f"/v1/credit-notes/{note}/xml")

    assert problem(refused) == (409, "no-e-invoice")
    assert refused.body["detail"] == "CN-2026-0001 has its PDF, but no e-invoice: KWD has 3 digits"


@pytest.mark.parametrize("path", ["", "/pdf", "/xml"])
def test_a_credit_note_that_is_not_there_is_not_found(ada: User, issued: Invoice, path: str) -> None:
    nowhere = f"crn_{INVOICE.removeprefix('inv_')}{'0' * 16}"

    assert [ada.get(f"/v1/credit-notes/{each}{path}").status for each in (nowhere, "crn_1")] == [404, 404]
    assert ada.get("/v1/invoices/inv_1/credit-notes").status == 404
    assert ada.post("/v1/invoices/inv_1/credit-notes", {}).status == 404


def test_of_a_void_invoice_nobody_waits_for_a_document(ada: User, issued: Invoice) -> None:
    ada.post(f"{AT}/void", {})

    told = f"{INVOICE} is void; nothing of it is printed"
    assert ada.get(f"{AT}/pdf").body["detail"] == told


def test_an_invoice_is_made_void_once(ada: User, issued: Invoice) -> None:
    first, again = ada.post(f"{AT}/void", {}), ada.post(f"{AT}/void", {})

    assert (first.status, first.headers["location"]) == (202, AT)
    assert (first.body["state"], first.body["number"], first.body["outstanding"]) == ("void", "2026-0001", 0)
    assert "payment" not in first.body
    assert again.body == first.body
    assert problem(ada.post(NOTES, {})) == (409, "invoice-is-void")


def test_what_a_client_may_have_is_not_made_void(world: World, ada: User, issued: Invoice) -> None:
    world.deliveries.update(
        account_id=ada.account_id,
        invoice_id=INVOICE,
        change=lambda delivery: delivery.start("billing@acme.example", MAILED_AT),
    )

    assert problem(ada.post(f"{AT}/void", {})) == (409, "invoice-is-delivered")


def test_what_has_a_payment_is_not_made_void(ada: User, issued: Invoice) -> None:
    ada.post(f"{AT}/payments", {"amount": 1})

    assert problem(ada.post(f"{AT}/void", {})) == (409, "invoice-is-booked")


def problem(response: Response) -> tuple[int, str]:
    """The status and the code of what was refused."""
    return response.status, response.body["type"].rpartition("/")[2]
