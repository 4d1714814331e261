"""In what weather the demo is played.

fair   nothing fails
storm  while work is imported the store fails, while invoices go out the mailer does; a message that fails
twice is dead, comes into the ledger, and is replayed
"""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from handlers.cli.demo import waiting
from handlers.cli.demo.api import UnavailableError
from handlers.cli.demo.operating import Attendant
from handlers.cli.demo.screen import Stage
from handlers.cli.failures.telling import plural
from infrastructure.local_cloud import faults
from infrastructure.local_cloud.cloud import LocalCloud
from infrastructure.local_cloud.faults import Fault, answer_lost, cancelled, throttled, unavailable
from infrastructure.local_cloud.functions import FunctionFailedError


class Weather(waiting.Weather, Protocol):
    """What comes down while the demo is played."""

    def over_the_store(self, stage: Stage) -> None:
        """Let the store fail from now on, for a while."""
        ...

    def over_the_mailer(self, stage: Stage) -> None:
        """Let the mailer fail from now on, for a while."""
        ...


class Fair:
    """Implements `Weather`: nothing fails."""

    forgiven: tuple[type[Exception], ...] = ()

    @property
    def patience(self) -> float:
        return waiting.PATIENCE

    def attend(self) -> None:
        """Nothing is to be done."""

    def over_the_store(self, stage: Stage) -> None:
        """Nothing happens."""

    def over_the_mailer(self, stage: Stage) -> None:
        """Nothing happens."""


Spell = tuple[str, Fault]
"""What happens, and how often: a storm is as heavy on a slow machine as on a fast one."""

STORE: Sequence[Spell] = (
    ("the store was down", unavailable("dynamodb").at_most(30)),
    ("the store throttled writes", throttled("dynamodb", "TransactWriteItems").at_most(60)),
    ("answers of the store got lost", answer_lost("dynamodb", "TransactWriteItems").at_most(6)),
)
MAILER: Sequence[Spell] = (
    ("the mailer refused mails", throttled("ses", code="Throttling").at_most(3)),
    ("transactions were in conflict", cancelled("TransactionConflict").at_most(10)),
)


PARAMETERS = {"MostReceives": "2"}
"""Of a stack that is to see a storm: with eight receives, little would ever come into the ledger."""


@dataclass
class Storm:
    """Implements `Weather` over a breakable cloud."""

    cloud: LocalCloud
    forgiven: tuple[type[Exception], ...] = (UnavailableError, FunctionFailedError)
    _attendant: Attendant = field(default_factory=Attendant)
    _stage: Stage | None = None
    _names: dict[int, str] = field(default_factory=dict)

    @property
    def patience(self) -> float:
        """What failed comes again only after a while."""
        return 3 * waiting.PATIENCE

    def attend(self) -> None:
        if (replayed := self._attendant.attend()) and self._stage:
            self._stage.step(f"↻ {plural(replayed, 'failure')} replayed from the ledger")

    def over_the_store(self, stage: Stage) -> None:
        self._break(STORE, stage)

    def over_the_mailer(self, stage: Stage) -> None:
        self._break(MAILER, stage)

    @property
    def happened(self) -> Mapping[str, int]:
        """How many calls met each of the faults."""
        calls = Counter(self._names[each.rule] for each in faults.fired(self.cloud))
        return {name: calls[name] for name in self._names.values()}

    @property
    def since(self) -> float:
        """The seconds since the last fault."""
        last = max((each.at.timestamp() for each in faults.fired(self.cloud)), default=time.time())
        return time.time() - last

    def _break(self, spells: Sequence[Spell], stage: Stage) -> None:
        self._stage = stage
        rules = faults.inject(self.cloud, *(fault for _, fault in spells))
        self._names |= dict(zip(rules, (name for name, _ in spells), strict=True))
        for name, fault in spells:
            stage.step(f"⚡ {name}: {fault.times} calls fail")


_fair: type[Weather] = Fair
_storm: type[Weather] = Storm
