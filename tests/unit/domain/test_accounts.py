import pytest

from domain.accounts import save_account
from domain.errors import InvalidError
from tests.builders import ADA, BERLIN, BOB, an_account, some_account_details
from tests.fakes import InMemoryAccounts, InMemoryInvoices, Step, Store

NO_SERIES = InMemoryInvoices(Store())


def test_the_first_details_open_an_account() -> None:
    accounts = InMemoryAccounts()

    account = save_account(some_account_details(), account_id=ADA, accounts=accounts, numbers=NO_SERIES)

    assert account == an_account()
    assert accounts.get(account_id=ADA) == an_account()


def test_later_details_change_the_account() -> None:
    accounts = InMemoryAccounts()
    save_account(some_account_details(), account_id=ADA, accounts=accounts, numbers=NO_SERIES)

    account = save_account(
        some_account_details(name="Ada King"), account_id=ADA, accounts=accounts, numbers=NO_SERIES
    )

    assert account == an_account(name="Ada King", version=2)
    assert len(accounts) == 1


def test_details_of_one_account_leave_another_alone() -> None:
    accounts = InMemoryAccounts()
    save_account(some_account_details(), account_id=ADA, accounts=accounts, numbers=NO_SERIES)

    save_account(some_account_details(name="Bob"), account_id=BOB, accounts=accounts, numbers=NO_SERIES)

    assert accounts.get(account_id=ADA).name == "Ada Lovelace"


def test_two_first_saves_at_once_open_one_account() -> None:
    store = Store()
    accounts = InMemoryAccounts(store)

    def another_is_faster(step: Step) -> None:
        if step.call == "accounts.add":
            store.hook = lambda _: None
            save_account(
                some_account_details(name="First"), account_id=ADA, accounts=accounts, numbers=NO_SERIES
            )

    store.hook = another_is_faster
    account = save_account(
        some_account_details(name="Second"), account_id=ADA, accounts=accounts, numbers=NO_SERIES
    )

    assert account == an_account(name="Second", version=2)


def test_an_account_tells_its_details_and_its_clients_defaults() -> None:
    account = an_account(version=7)

    assert account.details() == some_account_details()
    assert account.client_defaults() == {
        "currency": "EUR",
        "time_zone": "Europe/Berlin",
        "payment_terms_days": 14,
        "language": "en",
    }


@pytest.mark.parametrize("pattern", ["{seq}", "{seq:09}", "{year}-{seq:04}", "R {year}/{month}.{seq}_a-b"])
def test_a_number_pattern_holds_the_running_number_once(pattern: str) -> None:
    assert an_account(number_pattern=pattern).number_pattern == pattern


@pytest.mark.parametrize(
    "pattern",
    [
        "A0{seq}",
        "{seq}0",
        "",
        "{year}",
        "{seq}{seq}",
        "{seq}-{seq:04}",
        "{day}-{seq}",
        "{seq:4}",
        "№{seq}",
        "{seq}" + "a" * 31,
    ],
)
def test_other_number_patterns_are_refused(pattern: str) -> None:
    with pytest.raises(InvalidError) as raised:
        an_account(number_pattern=pattern)

    assert [problem.pointer for problem in raised.value.problems] == ["/number_pattern"]


@pytest.mark.parametrize(
    ("pattern", "said", "numbers"),
    [
        ("{year}-{seq:04}", None, "CN-{year}-{seq:04}"),
        ("{year}-{seq:04}", "C{seq}", "C{seq}"),
    ],
)
def test_credit_notes_have_numbers_of_their_own(pattern: str, said: str | None, numbers: str) -> None:
    account = an_account(number_pattern=pattern, credit_note_pattern=said)

    assert account.numbers_credit_notes == numbers


@pytest.mark.parametrize(
    ("invoices", "credit_notes"),
    [
        ("{year}-{seq:04}", "{year}-{seq}"),
        ("{month}-{seq}", "10-{seq}"),
        ("{seq}", "{seq:09}"),
        ("{year}-{seq}", "2026-{seq}"),
        ("{year}{month}{seq}", "{year}{seq:03}"),
        ("{seq}", "{year}{seq}"),
        ("{year} {seq}", "{seq} {year}"),
    ],
)
def test_a_credit_note_has_no_number_that_an_invoice_could_have(invoices: str, credit_notes: str) -> None:
    with pytest.raises(InvalidError) as raised:
        save_account(
            some_account_details(number_pattern=invoices, credit_note_pattern=credit_notes),
            account_id=ADA,
            accounts=InMemoryAccounts(),
            numbers=NO_SERIES,
        )

    assert [(problem.pointer, problem.code) for problem in raised.value.problems] == [
        ("/credit_note_pattern", "not-a-series-of-its-own")
    ]


def test_the_pattern_of_credit_notes_is_one() -> None:
    with pytest.raises(InvalidError) as raised:
        an_account(credit_note_pattern="CN")

    assert [problem.code for problem in raised.value.problems] == ["not-a-number-pattern"]


def test_all_that_is_wrong_with_an_account_is_told_at_once() -> None:
    with pytest.raises(InvalidError) as raised:
        some_account_details(
            name="",
            email="ada",
            currency="EURO",
            time_zone="Berlin",
            language="xx",
            tax_id="1" * 51,
            payment_terms_days=366,
            number_pattern="-",
        )

    assert [problem.pointer for problem in raised.value.problems] == [
        "/name",
        "/email",
        "/currency",
        "/time_zone",
        "/language",
        "/tax_id",
        "/payment_terms_days",
        "/number_pattern",
    ]


def test_a_seller_is_what_stands_on_an_invoice() -> None:
    seller = an_account(tax_id="DE123456789").as_seller()

    assert (seller.name, seller.tax_id, seller.email) == ("Ada Lovelace", "DE123456789", "ada@example.com")
    assert seller.address == BERLIN


def test_a_name_has_two_hundred_characters_at_most() -> None:
    assert len(an_account(name="n" * 200).name) == 200
    with pytest.raises(InvalidError, match="/name"):
        an_account(name="n" * 201)


@pytest.mark.parametrize("days", [(0,), (7, 7), (21, 7), (366,), (1, 2, 3, 4, 5, 6)])
def test_days_of_reminders_that_are_no_schedule_are_refused(days: tuple[int, ...]) -> None:
    with pytest.raises(InvalidError, match="each later than the one before"):
        an_account(reminder_days=days)
