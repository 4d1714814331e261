"""What is shown of work."""

from dataclasses import dataclass
from decimal import Decimal

from domain.fields import values
from domain.identifiers import ClientId, ImportId, InvoiceId, WorkId
from domain.work import WorkDetails, WorkEntry
from infrastructure.views.checked import Checked


@dataclass(frozen=True, kw_only=True)
class _Work:
    id: WorkId
    client_id: ClientId


@dataclass(frozen=True, kw_only=True)
class WorkView(Checked, WorkDetails, _Work):
    """Work, and what is billed for it: `amount` is `quantity` × `unit_price`, 0 where it is not billable.

    `invoice_id` is the invoice that has it; from then on it cannot be changed. `import_id` is the import that
    took it, where one did.
    """

    unit_price: Decimal
    amount: int
    currency: str
    invoice_id: InvoiceId | None = None
    import_id: ImportId | None = None


def of_work(entry: WorkEntry) -> WorkView:
    billed = {"quantity": _plain(entry.billed_quantity), "unit": entry.billed_unit}
    return WorkView(
        **(values(entry, WorkDetails) | billed),
        id=entry.id,
        client_id=entry.client_id,
        unit_price=_plain(entry.unit_price),
        amount=entry.amount,
        currency=entry.currency,
        invoice_id=entry.invoice_id,
        import_id=entry.import_id,
    )


def _plain(value: Decimal) -> Decimal:
    """The number without an exponent, and without zeros that say nothing."""
    return Decimal(f"{value.normalize():f}")
