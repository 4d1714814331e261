import datetime as dt
from dataclasses import replace
from decimal import Decimal

from domain.tax import Tax, TaxCategory
from domain.totals import Adjustment
from tests.builders import ACME, a_client, a_work_entry, an_account, an_invoice_id
from tests.fakes import Moment, Step, Store
from tests.terminal import ME, Terminal
from tests.world import World

DUE = dt.date(2026, 10, 31)
CLIENT = a_client(account_id=ME)
INVOICE = an_invoice_id()


def test_waits_no_longer_for_an_invoice_that_lacks_something(
    invoicely: Terminal, world: World, store: Store
) -> None:
    client = a_client(account_id=ME, tax=Tax(category=TaxCategory.REVERSE_CHARGE))
    world.having(an_account(id=ME), client, a_work_entry(client=client))

    def pipeline(step: Step) -> None:
        if step == Step("opening.open", Moment.AFTER, commits=True):
            store.hook = lambda _: None
            world.issue(INVOICE, client=client, day=DUE)

    store.hook = pipeline
    ended = invoicely("invoices", "run", "--as-of", "2026-10-31T08:00:00Z", "--wait")

    lacks = "the client's VAT id: the client owes the tax (reverse charge)"
    mends = f"invoicely invoices show {INVOICE} tells what mends it"
    assert (ended.code, ended.out) == (1, "0 of 1 are done.\n")
    assert ended.errors[-1] == f"{INVOICE}: held, for it lacks {lacks}; {mends}."
    assert invoicely("invoices", "pdf", INVOICE).err.endswith(f"held, for it lacks {lacks}; {mends}\n")


def test_lists_an_issued_invoice_by_the_name_that_its_client_had(invoicely: Terminal, world: World) -> None:
    world.having(an_account(id=ME), CLIENT, a_work_entry(client=CLIENT)).tick(DUE)
    world.issue(INVOICE, client=CLIENT, day=DUE)
    world.clients.update(
        account_id=ME, client_id=ACME, change=lambda client: replace(client, name="Another GmbH")
    )

    ended = invoicely("invoices", "list")

    assert CLIENT.name in ended.out
    assert "Another GmbH" not in ended.out


def test_shows_why_less_is_to_be_paid_than_the_total(invoicely: Terminal, world: World) -> None:
    tax = Tax(name="USt.", rate=Decimal(19))
    client = a_client(
        account_id=ME,
        tax=tax,
        prepaid=20_00,
        round_to=Decimal("0.05"),
        adjustments=(Adjustment(reason="early", percent=Decimal("2.22")),),
    )
    abroad = Tax(category=TaxCategory.EXPORT, reason="Goods for Norway")
    world.having(an_account(id=ME), client, a_work_entry("1" * 16, client=client))
    world.having(a_work_entry("2" * 16, client=client, tax=abroad))

    assert invoicely("invoices", "preview", ACME).lines[3:] == [
        "  allowance -2.22 EUR  early, of USt. 19 %",
        "  allowance -2.22 EUR  early, of category G",
        "  no tax on 97.78 EUR, category G: Goods for Norway",
        "  net 195.56 EUR · USt. 19 % 18.58 EUR · total 214.14 EUR",
        "  prepaid -20.00 EUR",
        "  rounding 0.01 EUR",
        "  to pay 194.15 EUR",
    ]


def test_says_before_it_is_made_what_an_invoice_will_lack(invoicely: Terminal, world: World) -> None:
    client = a_client(account_id=ME, tax=Tax(category=TaxCategory.REVERSE_CHARGE))
    world.having(an_account(id=ME), client, a_work_entry(client=client))

    one = invoicely("invoices", "preview", ACME)
    run = invoicely("invoices", "preview", "--as-of", "2026-10-31")

    lacks = "the client's VAT id: the client owes the tax (reverse charge)"
    assert one.lines[-3:] == [
        "  it would be held, until it has:",
        f"  – {lacks} (Art. 226(4), BR-AE-02)",
        f"    invoicely clients change {ACME} --tax-id …",
    ]
    assert f"Acme GmbH: that of 2026-10-31 would be held, for it lacks {lacks}." in run.errors


def test_shows_what_is_taken_off_and_put_on_single_lines(invoicely: Terminal, world: World) -> None:
    applied = (
        Adjustment(reason="loyal", percent=Decimal(10)),
        Adjustment(reason="travel", amount=Decimal(25), is_charge=True),
    )
    world.having(an_account(id=ME), CLIENT, a_work_entry(client=CLIENT, adjustments=applied))

    assert invoicely("invoices", "preview", ACME).lines[1:4] == [
        "  2026-10-05         1 hour        115.00 EUR  Analytical engine",
        "                     allowance -10.00 EUR  loyal",
        "                         charge 25.00 EUR  travel",
    ]


def test_tells_the_next_reminder_in_the_time_zone_of_the_invoice(invoicely: Terminal, world: World) -> None:
    world.having(an_account(id=ME, reminder_days=(7,)), CLIENT, a_work_entry(client=CLIENT))
    world.tick(DUE)
    world.issue(INVOICE, client=CLIENT, day=DUE)

    assert invoicely("invoices", "show", INVOICE).lines[-1] == (
        "  the next reminder is due on 2026-11-21 08:00 Europe/Berlin"
    )
