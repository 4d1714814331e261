"""What people do with an invoice once they see it: review it, note what was paid, take back what is wrong."""

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import Any

from domain.credit_notes import Correction
from domain.crediting import open_credit_note
from domain.delivery import Delivery, Progress
from domain.identifiers import WorkId
from domain.invoices import Invoice, State
from domain.payments import PaymentDetails, record_payment, take_back
from domain.refunds import RefundDetails, record_refund
from domain.reminders import Reminder
from domain.resending import resend_invoice
from domain.reviews import hold_invoice, reopen_invoice, send_now, skip_invoice
from domain.voiding import void_invoice
from tests.simulation.asking import Asking
from tests.simulation.chance import Fault
from tests.simulation.cloud import Cloud
from tests.simulation.parties import Parties

_SECONDS, _MINUTES, _DAY = 4.0, 900.0, 86_400.0

Tick = Callable[[dt.datetime], None]


class Clerks:
    """Whoever looks at the invoices as they come; *tick* is what the schedule does."""

    def __init__(self, cloud: Cloud, asking: Asking, parties: Parties, tick: Tick) -> None:
        self._cloud, self._chance, self._asking, self._tick = cloud, cloud.chance, asking, tick
        self._parties = parties
        cloud.when_seen = self.see

    def see(self, of: Invoice | Delivery | Reminder) -> None:
        """Somebody sees what has become of an invoice, and does something about it now or in some days."""
        match of:
            case Invoice(state=State.IN_REVIEW):
                self._review(of)
            case Invoice(state=State.HELD):
                self._mend(of)
            case Invoice(state=State.SEALED) if self._chance.is_stormy and self._chance.happens(0.5):
                self._asking.after(0, partial(self._parties.give_the_tax_id, of))
            case Invoice(state=State.ISSUED) if self._chance.is_stormy:
                self._plan(of)
            case Delivery() if self._chance.is_stormy and of.invoice_id.startswith("inv_"):
                self._on_its_way(of)
            case Reminder() if self._chance.is_stormy and self._chance.happens(0.6):
                self._asking.after(self._chance.between(0, 2), partial(self._pay, self._invoice(of)))

    def clear_up(self) -> None:
        """Whatever waits for a person goes out at last, or not."""
        for invoice in self._cloud.store.all(Invoice):
            if invoice.state is State.HELD:
                self._parties.mend(invoice)
            if invoice.state is State.IN_REVIEW and invoice.review_ends_at is None:
                self._decide(invoice, send_now if self._chance.happens(0.7) else skip_invoice)

    def _plan(self, issued: Invoice) -> None:
        for act, probability in (
            (self._pay, 0.5),
            (self._credit, 0.3),
            (self._void, 0.2),
            (self._resend, 0.15),
        ):
            if self._chance.happens(probability):
                self._asking.after(self._later(), partial(act, issued))

    def _on_its_way(self, delivery: Delivery) -> None:
        """It is made void just before it is mailed; what came back, or may be out, is mailed again."""
        match delivery.progress:
            case Progress.PENDING if delivery.attempt == 1 and self._chance.happens(0.25):
                self._asking.after(0, partial(self._void, self._invoice(delivery)))
            case Progress.UNKNOWN | Progress.BOUNCED if self._chance.happens(0.3):
                self._asking.after(self._later(), partial(self._resend, self._invoice(delivery)))

    def _invoice(self, of: Delivery | Reminder) -> Invoice:
        return self._cloud.store.get(Invoice, of.account_id, of.invoice_id)

    def _mend(self, held: Invoice) -> None:
        """What the law wants is given at once or later, or the invoice is not made."""
        if self._chance.is_stormy and self._chance.happens(0.15):
            self._asking.after(self._later(), partial(self._decide, held, skip_invoice))
        elif not self._chance.is_stormy or self._chance.happens(0.8):
            self._asking.after(self._later(), partial(self._parties.mend, held))

    def _later(self) -> float:
        """Mostly at once, while the invoice is still on its way."""
        return self._chance.between(0, _SECONDS if self._chance.happens(0.6) else 6 * _DAY)

    def _review(self, invoice: Invoice) -> None:
        """The schedule ends each review in its time; somebody may decide before, or just then."""
        if (ends_at := invoice.review_ends_at) is None:
            return
        for later in (0, _DAY):
            instant = ends_at + dt.timedelta(seconds=later + self._chance.between(0, _MINUTES))
            if later or not self._chance.strikes(Fault.LOST_TICK, times=15):
                self._asking.at(self._cloud.seconds(instant), partial(self._tick, instant))
            if not later and self._chance.is_stormy and self._chance.happens(0.8):
                around = self._cloud.seconds(instant) + self._chance.between(-1, 1)
                soon = self._cloud.scheduler.now + self._later()
                decision = self._chance.one_of((send_now, hold_invoice, hold_invoice, skip_invoice))
                self._asking.at(self._chance.one_of((around, soon)), partial(self._decide, invoice, decision))

    def _decide(self, invoice: Invoice, decision: Callable[..., Invoice]) -> None:
        name = decision.__name__
        self._asking.once_or_twice(partial(self._decided, invoice, decision), name=name)

    def _decided(self, invoice: Invoice, decision: Callable[..., Invoice]) -> None:
        world = self._cloud.world
        decision(invoice.id, account_id=invoice.account_id, invoices=world.invoices, reviews=world.reviews)
        self._chance.seen[f"somebody asked to {decision.__name__.replace('_', ' ')}"] += 1
        if decision is hold_invoice:
            following = self._chance.one_of((send_now, skip_invoice))
            self._asking.after(self._later(), partial(self._decide, invoice, following))
        if decision is skip_invoice and self._chance.happens(0.7):
            self._asking.after(self._later(), partial(self._decide, invoice, reopen_invoice))

    def _pay(self, invoice: Invoice) -> None:
        """What was issued is paid, in parts, twice, or too much; some of it is taken back, or refunded."""
        world, body = self._cloud.world, self._cloud.new_id()
        details = self._chance.one_of((PaymentDetails(), PaymentDetails(amount=700)))
        ports: Any = {
            "account_id": invoice.account_id,
            "invoices": world.invoices,
            "payments": world.payments,
        }

        def pay() -> None:
            ports["now"] = self._cloud.now()
            payment, paid = record_payment(details, invoice_id=invoice.id, new_id=lambda: body, **ports)
            if self._chance.happens(0.2):
                back = partial(take_back, payment.id, **ports)
                self._asking.once_or_twice(back, name="pay", seen="somebody took a payment back")
            if paid.outstanding < 0 or self._chance.happens(0.2):
                self._asking.after(self._later(), partial(self._refund, invoice))

        self._asking.once_or_twice(pay, name="pay", seen="somebody paid")

    def _refund(self, invoice: Invoice) -> None:
        """What is too much goes back, or the client is thought to have paid too much."""
        world, body = self._cloud.world, self._cloud.new_id()
        refund = partial(
            record_refund,
            RefundDetails(amount=self._chance.one_of((None, None, 300))),
            invoice_id=invoice.id,
            account_id=invoice.account_id,
            now=self._cloud.now(),
            invoices=world.invoices,
            payments=world.payments,
            new_id=lambda: body,
        )
        self._asking.once_or_twice(refund, name="pay", seen="somebody refunded what was too much")

    def _credit(self, invoice: Invoice) -> None:
        """All of it is taken back, or the line of some work; then the rest, perhaps."""
        world, lines = self._cloud.world, self._cloud.store.lines_of(invoice)
        chosen = [self._chance.one_of(lines).entry.id] if self._chance.happens(0.5) else list[WorkId]()
        body = self._cloud.new_id()

        def credit() -> None:
            open_credit_note(
                invoice.id,
                Correction(lines=tuple(chosen) or None),
                account_id=invoice.account_id,
                now=self._cloud.now(),
                invoices=world.invoices,
                credit_notes=world.credit_notes,
                crediting=world.crediting,
                new_id=lambda: body,
            )

        seen = "somebody took a line back" if chosen else "somebody took an invoice back"
        self._asking.once_or_twice(credit, name="credit", seen=seen)
        if self._chance.happens(0.5):
            self._asking.after(self._later(), partial(self._credit, invoice))
        if self._chance.happens(0.8):
            self._asking.after(self._later(), partial(self._refund, invoice))

    def _void(self, invoice: Invoice) -> None:
        world = self._cloud.world
        void = partial(
            void_invoice,
            invoice.id,
            account_id=invoice.account_id,
            invoices=world.invoices,
            deliveries=world.deliveries,
            clients=world.clients,
            voiding=world.voiding,
        )
        self._asking.once_or_twice(void, name="void", seen="somebody made an invoice void")

    def _resend(self, invoice: Invoice) -> None:
        """Somebody wants it mailed once more, mostly in spite of what they are told of the mail before."""
        world, store = self._cloud.world, self._cloud.store
        delivery = store.find(Delivery, invoice.account_id, invoice.id)
        resend = partial(
            resend_invoice,
            invoice.id,
            account_id=invoice.account_id,
            recipient=self._chance.one_of((None, "office@acme.example")),
            despite=delivery.progress if delivery and self._chance.happens(0.7) else None,
            invoices=world.invoices,
            deliveries=world.deliveries,
            clients=world.clients,
            now=self._cloud.now(),
        )
        self._asking.once_or_twice(resend, name="resend", seen="somebody had an invoice mailed again")
