"""`scripts/recount.py` shares no code with what it checks; so here its own sums are checked by hand."""

import importlib.util
import json
import sys
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from domain.counters import Contribution, keep_counters
from domain.invoices import Invoice
from domain.payments import Payment
from domain.totals import Adjustment
from domain.work import WorkEntry
from infrastructure import codec
from tests.builders import a_client, a_payment, a_work_entry, an_issued_invoice
from tests.fakes import InMemoryCounters

SCRIPT = Path(__file__).parents[2] / "scripts/recount.py"
YEN = a_client(currency="JPY")
A_THIRD_OFF = Adjustment(reason="Friends", percent=Decimal("33.333"))
EXPRESS = Adjustment(reason="Express", amount=Decimal("12.50"), is_charge=True)


@pytest.fixture
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("recount", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def item(entity: WorkEntry | Invoice | Payment, **changes: Any) -> dict[str, Any]:
    """What the table holds of an entity, as the script reads it: numbers come as text."""
    kind = {WorkEntry: "WORK", Invoice: "INVOICE", Payment: "PAYMENT"}[type(entity)]
    plain = {
        name: str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        for name, value in codec.encode(entity).items()
    }
    return plain | {"type": kind} | changes


def a_counter(**fields: int) -> dict[str, Any]:
    whose = {"account_id": "acc_ada", "client_id": a_client().id}
    return whose | {"type": "COUNTER"} | {f"{name}#2026-10": str(number) for name, number in fields.items()}


@pytest.mark.parametrize(
    ("entry", "price"),
    [
        (a_work_entry(minutes=10), 1667),
        (a_work_entry(minutes=90, rate=Decimal("92.50")), 13_875),
        (a_work_entry(quantity=Decimal("0.5"), rate=Decimal("0.01")), 1),
        (a_work_entry(client=YEN, minutes=10), 17),
        (a_work_entry(client=a_client(currency="KWD"), minutes=60), 100_000),
        (a_work_entry(adjustments=(A_THIRD_OFF, EXPRESS)), 7_917),
    ],
    ids=["a sixth", "own rate", "half a cent", "yen", "dinar", "adjusted"],
)
def test_prices_by_hand(script: ModuleType, entry: WorkEntry, price: int) -> None:
    assert script.price(item(entry)) == price


def test_reads_what_dynamodb_nests(script: ModuleType) -> None:
    subtotal = {"M": {"net": {"N": "100"}, "tax": {"M": {"name": {"S": "VAT"}}}}}

    found = script.plain({"M": {"subtotals": {"L": [subtotal]}, "prepaid": {"N": "0"}}})

    assert found == {"subtotals": [{"net": "100", "tax": {"name": "VAT"}}], "prepaid": "0"}


def test_counts_what_there_is(script: ModuleType) -> None:
    work = [
        item(a_work_entry("a" * 16, minutes=60)),
        item(a_work_entry("b" * 16, minutes=30, billable=False)),
        item(a_work_entry("c" * 16, minutes=60), invoiced_on="2026-10-31"),
        item(a_work_entry("d" * 16, minutes=60, removed=True)),
        item(an_issued_invoice(total=10_000)),
        item(a_payment(amount=6_000)),
        item(a_payment(amount=-1_000)),
    ]

    counted = {place.split()[-1]: number for place, number in script.recounted(work).items()}

    assert counted == {
        "entries": 3,
        "minutes": 150,
        "billable": 20_000,
        "unbilled": 10_000,
        "invoices": 1,
        "issued": 10_000,
        "paid": 5_000,
        "outstanding": 5_000,
    }


def test_agrees_with_the_counters_of_the_same_work(script: ModuleType) -> None:
    work = [a_work_entry(f"{minutes:016}", minutes=minutes) for minutes in range(1, 60)]
    counters = InMemoryCounters()
    keep_counters(map(Contribution.of_work, work), counters=counters)

    [counter] = counters.list(account_id=work[0].account_id)
    kept = {f"{name}#2026-10": number for name, number in codec.encode(counter.total).items()}

    assert script.recounted(map(item, work)) == script.kept([a_counter() | kept])


@pytest.mark.parametrize(("entries", "code"), [(1, 0), (2, 1)], ids=["equal", "different"])
def test_a_difference_is_told_by_the_exit_code(
    script: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    entries: int,
    code: int,
) -> None:
    counter = a_counter(entries=entries, minutes=60, billable=10_000, unbilled=10_000)
    monkeypatch.setattr(script, "read", lambda *_: [item(a_work_entry()), counter])
    monkeypatch.setattr(sys, "argv", ["recount.py", "--table", "table"])

    with pytest.raises(SystemExit) as ended:
        script.main()

    differences = json.loads(capsys.readouterr().out)["differences"]
    assert (ended.value.code, [*differences.values()]) == (
        code,
        [{"recounted": 1, "counter": 2}] if code else [],
    )
