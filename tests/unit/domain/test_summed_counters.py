from domain.counters import Counter, Tally, summed
from domain.identifiers import client_id
from tests.builders import ACME, ADA, UMBRELLA

HOUR = Tally(entries=1, minutes=60, billable=100_00, unbilled=100_00)


def a_counter(client: str, currency: str, **months: Tally) -> Counter:
    return Counter(account_id=ADA, client_id=client_id(client), currency=currency, months=months)


def test_without_counters_there_is_no_total() -> None:
    assert summed([]) == {}


def test_each_currency_has_its_own_total_of_all_clients_and_months() -> None:
    counters = [
        a_counter(UMBRELLA, "JPY", october=HOUR),
        a_counter(ACME, "EUR", october=HOUR, november=HOUR),
        a_counter("other", "EUR", november=HOUR),
    ]

    assert summed(counters) == {"EUR": HOUR + HOUR + HOUR, "JPY": HOUR}
    assert list(summed(counters)) == ["EUR", "JPY"]
