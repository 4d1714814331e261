import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.archiving import Document, Documents
from domain.delivering import deliver_invoice
from domain.delivery import LONGEST_RUN, Delivery, DeliveryUnderWayError, DeliveryUnknownError, Progress
from domain.errors import NotFoundError
from domain.failures import Kind
from domain.identifiers import AccountId
from domain.invoices import Invoice, State
from domain.mailing import MailRefusedError
from domain.printing import NotIssuedError
from domain.recording import kind_of
from tests.builders import ADA, BOB, MAILED_AT, a_work_entry, an_invoice, an_issued_invoice
from tests.fakes import (
    InMemoryArchive,
    InMemoryDeliveries,
    InMemoryInvoices,
    Moment,
    PlainEInvoices,
    PlainRenderer,
    RecordingPostman,
    Step,
    Store,
)
from tests.turns import Crash, once, take_turns

INVOICE = an_issued_invoice(total=100_00)
LATER = MAILED_AT + LONGEST_RUN
A_MOMENT = dt.timedelta(microseconds=1)
KEY = f"acc_ada/invoices/{INVOICE.id}.pdf"


@dataclass(slots=True)
class Desk:
    """Everything that a delivery needs, and the invoices that are to be delivered."""

    now: dt.datetime = MAILED_AT
    store: Store = field(default_factory=Store)
    renderer: PlainRenderer = field(default_factory=PlainRenderer)
    invoices: InMemoryInvoices = field(init=False)
    deliveries: InMemoryDeliveries = field(init=False)
    archive: InMemoryArchive = field(init=False)
    postman: RecordingPostman = field(init=False)

    def __post_init__(self) -> None:
        self.invoices = InMemoryInvoices(self.store)
        self.deliveries = InMemoryDeliveries(self.store)
        self.archive = InMemoryArchive(self.store)
        self.postman = RecordingPostman(self.store)

    def deliver(self, invoice: Invoice = INVOICE, *, account_id: AccountId = ADA) -> Delivery:
        return deliver_invoice(
            invoice.id,
            account_id=account_id,
            invoices=self.invoices,
            deliveries=self.deliveries,
            archive=self.archive,
            renderer=self.renderer,
            einvoices=PlainEInvoices(),
            postman=self.postman,
            now=self.now,
        )

    def delivery(self) -> Delivery:
        return self.deliveries.get(account_id=ADA, invoice_id=INVOICE.id)


def a_desk(invoice: Invoice = INVOICE) -> Desk:
    desk = Desk()
    for entity in (invoice, a_work_entry(invoiced_on=invoice.due_on)):
        desk.store.add(entity)
    return desk


def crash_at(step: Step) -> Callable[[Step], None]:
    def hook(each: Step) -> None:
        if each == step:
            raise Crash

    return hook


def kept(desk: Desk, ending: str) -> Document:
    """The e-invoice as it was stored."""
    key = KEY.replace(".pdf", ending)
    return Document(key=key, sha256=sha256(desk.archive.get(key=key)).hexdigest())


def test_an_issued_invoice_is_printed_kept_and_mailed_to_its_client() -> None:
    desk = a_desk()

    delivery = desk.deliver()

    (mail,) = desk.postman.mails
    assert (mail.recipient, mail.invoice) == ("billing@acme.example", INVOICE)
    [attachment] = mail.attachments
    assert attachment.number == "2026-0001"
    assert attachment.content == desk.archive.get(key=KEY)
    assert delivery == desk.delivery()
    assert delivery == Delivery(
        invoice_id=INVOICE.id,
        account_id=ADA,
        progress=Progress.SENT,
        document=Document(key=KEY, sha256=sha256(attachment.content).hexdigest()),
        cii=kept(desk, ".cii.xml"),
        ubl=kept(desk, ".ubl.xml"),
        recipient="billing@acme.example",
        message_id="message-1",
        started_at=MAILED_AT,
        version=3,
    )


def test_where_there_is_an_e_invoice_it_stands_beside_the_pdf_and_in_it() -> None:
    assert INVOICE.seller
    invoice = replace(INVOICE, seller=replace(INVOICE.seller, tax_id="DE123456789"))
    desk = a_desk(invoice)

    delivery = desk.deliver(invoice)

    assert delivery.cii
    assert delivery.ubl
    assert desk.archive.get(key=delivery.ubl.key)
    assert desk.postman.mails[0].attachments[0].content.endswith(desk.archive.get(key=delivery.cii.key))


def test_an_invoice_is_mailed_once_however_often_its_event_arrives() -> None:
    desk = a_desk()

    deliveries = {desk.deliver() for _ in range(3)}

    assert len(deliveries) == 1
    assert (len(desk.postman), len(desk.renderer)) == (1, 1)
    assert (
        desk.store.calls["archive.get"] == 3
    )  # the PDF and the e-invoice in each syntax, as they were stored


def test_a_mail_that_was_refused_is_tried_again_with_the_same_document() -> None:
    desk = a_desk()
    desk.postman.fails = [MailRefusedError("the mailbox is full")]

    with pytest.raises(MailRefusedError):
        desk.deliver()
    waiting = desk.delivery().progress
    desk.deliver()

    assert (waiting, desk.delivery().progress) == (Progress.PENDING, Progress.SENT)
    assert (len(desk.postman), len(desk.renderer)) == (1, 1)


def test_a_mail_whose_fate_is_open_is_not_sent_again() -> None:
    desk = a_desk()
    desk.postman.fails = [TimeoutError()]

    with pytest.raises(TimeoutError):
        desk.deliver()
    desk.now = LATER
    for _ in range(2):
        with pytest.raises(DeliveryUnknownError):
            desk.deliver()

    assert desk.delivery().progress is Progress.UNKNOWN
    assert INVOICE.id not in desk.postman


@pytest.mark.parametrize("moment", Moment)
def test_a_crash_while_mailing_leaves_it_to_a_person(moment: Moment) -> None:
    desk = a_desk()
    desk.store.hook = crash_at(Step("postman.send", moment, commits=True))

    with pytest.raises(Crash):
        desk.deliver()
    desk.store.hook = lambda _: None
    sending = desk.delivery()
    desk.now = LATER - A_MOMENT
    with pytest.raises(DeliveryUnderWayError) as under_way:
        desk.deliver()
    assert (desk.delivery(), under_way.value.seconds) == (sending, 1)
    desk.now = LATER
    with pytest.raises(DeliveryUnknownError):
        desk.deliver()

    assert len(desk.postman) == (moment is Moment.AFTER)
    assert desk.delivery().progress is Progress.UNKNOWN


@pytest.mark.parametrize("moment", Moment)
def test_a_duplicate_that_comes_while_the_mail_goes_out_changes_nothing_and_comes_back(
    moment: Moment,
) -> None:
    desk = a_desk()
    duplicates = list[Exception]()

    def deliver_again() -> None:
        with pytest.raises(DeliveryUnderWayError) as raised:
            desk.deliver()
        duplicates.append(raised.value)

    once(desk.store, Step("postman.send", moment, commits=True), deliver_again)
    delivery = desk.deliver()

    assert (delivery.progress, delivery.message_id) == (Progress.SENT, "message-1")
    assert kind_of(*duplicates) is Kind.TRANSIENT
    assert desk.deliver() == delivery
    assert len(desk.postman) == 1


def test_a_duplicate_that_looked_before_the_mail_went_out_and_goes_on_after_it_finds_it_sent() -> None:
    """It has read the delivery as pending, and prints while the first is quicker."""
    desk = a_desk()
    first = list[Delivery]()

    once(
        desk.store,
        Step("archive.put", Moment.BEFORE, commits=True),
        lambda: first.append(desk.deliver()),
    )

    assert [desk.deliver()] == first
    assert len(desk.postman) == 1


def test_a_mail_that_is_tried_again_after_a_refusal_is_under_way_from_then_on() -> None:
    desk = a_desk()
    desk.postman.fails = [MailRefusedError("the mailbox is full"), TimeoutError()]

    with pytest.raises(MailRefusedError):
        desk.deliver()
    desk.now = LATER
    with pytest.raises(TimeoutError):
        desk.deliver()

    with pytest.raises(DeliveryUnderWayError):
        desk.deliver()


def test_what_began_before_its_start_was_kept_began_long_ago() -> None:
    desk = a_desk()
    desk.store.add(Delivery(invoice_id=INVOICE.id, account_id=ADA, progress=Progress.SENDING, version=1))

    with pytest.raises(DeliveryUnknownError):
        desk.deliver()

    assert desk.delivery().progress is Progress.UNKNOWN


def test_what_is_found_lost_is_not_said_of_an_attempt_that_began_since() -> None:
    """Two see that an old attempt is lost; before the second says so, that attempt was refused after all."""
    old = Delivery(invoice_id=INVOICE.id, account_id=ADA).start("billing@acme.example", MAILED_AT)

    anew = old.refused().start("billing@acme.example", LATER)

    assert anew.unknown(LATER) == anew
    assert old.unknown(LATER).progress is Progress.UNKNOWN


@pytest.mark.parametrize("moment", Moment)
@pytest.mark.parametrize(
    "call", ["invoices.get", "invoices.lines", "archive.put", "archive.get", "deliveries.get"]
)
def test_a_crash_before_mailing_is_finished_by_the_next_run(call: str, moment: Moment) -> None:
    desk = a_desk()
    desk.store.hook = crash_at(Step(call, moment, commits=call == "archive.put"))

    with pytest.raises(Crash):
        desk.deliver()
    desk.store.hook = lambda _: None

    assert desk.deliver().progress is Progress.SENT
    assert len(desk.postman) == 1


def test_the_document_that_was_stored_first_is_the_one_that_is_mailed() -> None:
    """Also when the program that renders has become another meanwhile."""
    desk = a_desk()
    desk.archive.put(key=KEY, content=b"as it was printed first")

    desk.deliver()

    assert desk.postman.mails[0].attachments[0].content == b"as it was printed first"
    assert desk.archive.get(key=KEY) == b"as it was printed first"


def test_only_an_issued_invoice_is_delivered() -> None:
    for state in (State.OPEN, State.SEALED, State.EMPTY):
        desk = a_desk(an_invoice(state=state))

        with pytest.raises(NotIssuedError):
            desk.deliver()

        assert (len(desk.archive), len(desk.deliveries), len(desk.postman)) == (0, 0, 0)


def test_the_state_alone_says_whether_an_invoice_is_issued() -> None:
    """Also where it has a number and all else already."""
    desk = a_desk(replace(INVOICE, state=State.SEALED))

    with pytest.raises(NotIssuedError):
        desk.deliver()

    assert (len(desk.archive), len(desk.deliveries), len(desk.postman)) == (0, 0, 0)


def test_an_invoice_of_another_account_is_not_delivered() -> None:
    desk = a_desk()

    with pytest.raises(NotFoundError):
        desk.deliver(account_id=BOB)

    assert len(desk.postman) == 0


@given(
    schedule=st.lists(st.integers(0, 2), max_size=40),
    deaths=st.frozensets(st.integers(0, 25), max_size=2),
    refused=st.integers(0, 2),
)
def test_three_workers_at_once_never_mail_twice(
    schedule: list[int], deaths: frozenset[int], refused: int
) -> None:
    desk = a_desk()
    desk.postman.fails = [MailRefusedError("busy") for _ in range(refused)]

    errors = take_turns(desk.store, schedule, desk.deliver, desk.deliver, desk.deliver, crashes=deaths)

    known = (DeliveryUnderWayError, MailRefusedError, Crash)
    assert all(error is None or isinstance(error, known) for error in errors)
    assert len(desk.postman) <= 1
    if None in errors:
        assert desk.delivery().progress is Progress.SENT
    if desk.delivery().progress is Progress.SENT:
        assert desk.delivery().message_id == "message-1"


def test_a_delivery_that_nobody_knows_the_end_of_stays_so_until_it_is_known() -> None:
    sending = Delivery(invoice_id=INVOICE.id, account_id=ADA).start("billing@acme.example", MAILED_AT)

    assert sending.unknown(LATER).unknown(LATER).progress is Progress.UNKNOWN
    assert sending.sent("message-1").unknown(LATER).progress is Progress.SENT
    with pytest.raises(DeliveryUnknownError):
        sending.unknown(LATER).start("billing@acme.example", LATER)


def test_a_delivery_keeps_its_first_document() -> None:
    first, second = (Documents(pdf=Document(key=key, sha256=key)) for key in ("first.pdf", "second.pdf"))
    delivery = Delivery(invoice_id=INVOICE.id, account_id=ADA)

    assert delivery.documented(first).documented(second).document == first.pdf
