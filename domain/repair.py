"""Counters made right again, while consumers go on counting.

late contributions    counted as a consumer counts them
wrong contributions   put right, and the counter moved by the difference
counter ≠ their sum   set to the sum, if nobody has moved it since before they were read; else read again
"""

from contextlib import suppress
from dataclasses import dataclass, replace

from domain.counters import Change, Counter, Counters, LostRaceError, Resetting, keep_counters, portions
from domain.identifiers import AccountId, ClientId
from domain.proof import Records
from domain.recounting import Due, Reading, read

MOST_ROUNDS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """What was done to a client's counter: contributions counted late or put right, and months set."""

    client_id: ClientId
    counted: int = 0
    corrected: int = 0
    months: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.counted or self.corrected or self.months)


def rebuild_counter(
    client_id: ClientId,
    *,
    account_id: AccountId,
    records: Records,
    counters: Counters,
    resetting: Resetting,
) -> Rebuilt:
    """Make a client's counter what its work and invoices add up to; where it is, change nothing.

    Raises:
        NotFoundError: the account has no such client.
        LostRaceError: consumers moved it all the time; what is done so far stays right, call it again.
    """
    reading = read(client_id, account_id=account_id, records=records, counters=counters)
    late = [due.contribution for due in reading.late]
    for error in keep_counters(late, counters=counters).values():
        raise error
    corrected = 0
    for _ in range(MOST_ROUNDS):
        reading = read(client_id, account_id=account_id, records=records, counters=counters)
        if reading.wrong:
            corrected += _correct(reading, counters)
            continue
        done = Rebuilt(client_id=client_id, counted=len(late), corrected=corrected)
        if not reading.differing:
            return done
        with suppress(LostRaceError):
            resetting.reset(counter=_summed(reading))
            return replace(done, months=tuple(reading.differing))
    raise LostRaceError(f"the counter of {client_id} is moved all the time; try again when less is written")


def _correct(reading: Reading, counters: Counters) -> int:
    """Put right what can be; where somebody else was faster, the next reading tells what is left."""
    corrected = 0
    for portion in portions([_change(reading, due) for due in reading.wrong]):
        with suppress(LostRaceError):
            counters.apply(changes=portion)
            corrected += len(portion)
    return corrected


def _change(reading: Reading, due: Due) -> Change:
    return Change(now=due.contribution, stored=reading.stored[due.contribution.entity_id])


def _summed(reading: Reading) -> Counter:
    read_counter = reading.counter
    return Counter(
        account_id=read_counter.account_id,
        client_id=read_counter.client_id,
        currency=reading.client.currency,
        months=reading.sums,
        revision=read_counter.revision,
    )
