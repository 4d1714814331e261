"""What people do with an invoice once they see it: what was paid is recorded, what is wrong is taken back."""

from functools import partial
from typing import Any

from domain.credit_notes import Correction
from domain.crediting import open_credit_note
from domain.delivery import Delivery, Progress
from domain.identifiers import WorkId
from domain.invoices import Invoice, State
from domain.payments import PaymentDetails, record_payment, take_back
from domain.voiding import void_invoice
from tests.simulation.asking import Asking
from tests.simulation.cloud import Cloud

_SECONDS, _DAYS = 4.0, 6 * 86_400.0


class Clerks:
    """Whoever looks at the invoices as they come."""

    def __init__(self, cloud: Cloud, asking: Asking) -> None:
        self._cloud, self._chance, self._asking = cloud, cloud.chance, asking
        cloud.when_seen = self.see

    def see(self, of: Invoice | Delivery) -> None:
        """Somebody sees what has become of an invoice, and does something about it now or in some days."""
        if not self._chance.is_stormy:
            return
        match of:
            case Invoice(state=State.ISSUED):
                self._plan(of)
            case Delivery(progress=Progress.PENDING) if self._chance.happens(0.15):
                self._just_printed(of)

    def _just_printed(self, delivery: Delivery) -> None:
        """At the last moment before it is mailed."""
        if invoice := self._cloud.store.find(Invoice, delivery.account_id, delivery.invoice_id):
            self._asking.after(0, partial(self._void, invoice))

    def _plan(self, issued: Invoice) -> None:
        for act, probability in ((self._pay, 0.5), (self._credit, 0.3), (self._void, 0.3)):
            if self._chance.happens(probability):
                self._asking.after(self._later(), partial(act, issued))

    def _later(self) -> float:
        """Mostly at once, while the invoice is still on its way."""
        return self._chance.between(0, _SECONDS if self._chance.happens(0.6) else _DAYS)

    def _pay(self, invoice: Invoice) -> None:
        """What was issued is paid, in parts, twice, or too much; some of it is taken back."""
        world, body = self._cloud.world, self._cloud.new_id()
        details = self._chance.one_of((PaymentDetails(), PaymentDetails(amount=700)))
        ports: Any = {
            "account_id": invoice.account_id,
            "invoices": world.invoices,
            "payments": world.payments,
        }

        def pay() -> None:
            ports["now"] = self._cloud.now()
            payment, _ = record_payment(details, invoice_id=invoice.id, new_id=lambda: body, **ports)
            if self._chance.happens(0.2):
                back = partial(take_back, payment.id, **ports)
                self._asking.once_or_twice(back, name="pay", seen="somebody took a payment back")

        self._asking.once_or_twice(pay, name="pay", seen="somebody paid")

    def _credit(self, invoice: Invoice) -> None:
        """All of it is taken back, or the line of some work; then the rest, perhaps."""
        world, lines = self._cloud.world, self._cloud.store.lines_of(invoice)
        chosen = [self._chance.one_of(lines).entry.id] if self._chance.happens(0.5) else list[WorkId]()
        body = self._cloud.new_id()

        def credit() -> None:
            open_credit_note(
                invoice.id,
                Correction(lines=tuple(chosen)),
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

    def _void(self, invoice: Invoice) -> None:
        world = self._cloud.world
        void = partial(
            void_invoice,
            invoice.id,
            account_id=invoice.account_id,
            invoices=world.invoices,
            deliveries=world.deliveries,
            voiding=world.voiding,
        )
        self._asking.once_or_twice(void, name="void", seen="somebody made an invoice void")
