"""The promises about counters: each is the sum of its contributions, and these say what the entities are."""

from operator import attrgetter

from domain.counters import TALLIED, Contribution
from domain.credit_notes import CreditNote
from domain.credit_notes import Progress as NoteState
from domain.identifiers import AccountId, ClientId
from domain.invoices import Invoice, State
from domain.work import WorkEntry
from tests.fakes import Store
from tests.simulation.promises import promise

Tally = tuple[int, ...]

_numbers = attrgetter(*TALLIED)
_NOTHING = (0,) * len(TALLIED)


class Tallies:
    """Adds up what was counted; `versions` has whatever is counted, by its id and version."""

    def __init__(self, store: Store) -> None:
        self.versions: dict[tuple[str, int], WorkEntry | Invoice | CreditNote] = {}
        self._store = store
        self._contributions: dict[tuple[AccountId, str], Contribution] = {}
        self._sums: dict[tuple[str, str], Tally] = {}

    def look(self) -> None:
        """Contributions that are others than before, and the counters that they belong to."""
        touched = set[tuple[AccountId, str, str]]()
        known, store = self._contributions, self._store
        for key, now in store.contributions.items():
            if (before := known.get(key)) is not now:
                promise(
                    before is None or now.version > before.version, f"the contribution of {key[-1]} went back"
                )
                self._contribution(now)
                known[key] = now
                for each, sign in ((before, -1), (now, 1)):
                    if each:
                        place = each.client_id, each.month
                        both = zip(self._sums.get(place, _NOTHING), _numbers(each.tally), strict=True)
                        self._sums[place] = tuple([total + sign * one for total, one in both])
                        touched.add((each.account_id, *place))
        for account_id, client_id, month in sorted(touched):
            counter = store.counters.get((account_id, ClientId(client_id)))
            shown = counter.months.get(month) if counter else None
            told = _numbers(shown) if shown else _NOTHING
            sums = self._sums[client_id, month]
            promise(
                told == sums, f"the counter of {client_id} in {month} shows {told}, its contributions {sums}"
            )

    def _contribution(self, now: Contribution) -> None:
        """It must say what the entity was at that version, counted here in another way than there."""
        entity = self.versions.get((now.entity_id, now.version))
        match entity:
            case WorkEntry(removed=True):
                expected = _NOTHING
            case WorkEntry():
                amount = entity.amount if entity.billable else 0
                unbilled = amount if entity.invoiced_on is None else 0
                expected = (1, entity.minutes or 0, amount, unbilled, 0, 0, 0, 0, 0)
            case Invoice(state=State.ISSUED):
                left = max(0, entity.payable - entity.credited) - entity.paid
                expected = (0, 0, 0, 0, 1, entity.total, entity.paid, left, 0)
            case CreditNote(state=NoteState.ISSUED):
                expected = (0, 0, 0, 0, 0, 0, 0, 0, entity.total)
            case _:
                expected = _NOTHING
        told = _numbers(now.tally)
        promise(
            told == expected, f"{now.entity_id} at version {now.version} counts as {told}, not {expected}"
        )
