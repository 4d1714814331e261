"""What is shown of the counters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.counters import Counter, Tally, summed
from domain.fields import values
from domain.identifiers import ClientId


@dataclass(frozen=True, kw_only=True)
class CounterView:
    """What is counted for a client: over all, and by month (YYYY-MM)."""

    client_id: ClientId
    currency: str
    total: Tally
    months: Mapping[str, Tally]


@dataclass(frozen=True, kw_only=True)
class TotalView(Tally):
    """What is counted in one currency, over all clients."""

    currency: str


@dataclass(frozen=True, kw_only=True)
class CountersView:
    """The counters of each client, and their sum for each currency."""

    data: Sequence[CounterView]
    has_more: bool
    totals: Sequence[TotalView]


@dataclass(frozen=True, kw_only=True)
class TotalsView:
    """What is counted over all clients, for each currency."""

    totals: Sequence[TotalView]


def of_counters(counters: Sequence[Counter]) -> CountersView:
    return CountersView(
        data=tuple(of_counter(counter) for counter in counters),
        has_more=False,
        totals=of_totals(counters).totals,
    )


def of_totals(counters: Sequence[Counter]) -> TotalsView:
    return TotalsView(totals=tuple(_total(currency, tally) for currency, tally in summed(counters).items()))


def of_counter(counter: Counter) -> CounterView:
    return CounterView(
        client_id=counter.client_id,
        currency=counter.currency,
        total=counter.total,
        months=dict(sorted(counter.months.items())),
    )


def _total(currency: str, tally: Tally) -> TotalView:
    return TotalView(currency=currency, **values(tally, Tally))
