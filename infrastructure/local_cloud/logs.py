"""What the functions logged, out of ministack's CloudWatch Logs.

ministack's `FilterLogEvents` gives the oldest 10,000 events, no token for the next ones, and no event ids. So
a reader asks again from the last instant it was told of, and knows an event by its stream, its instant and
its place among those of the same instant.
"""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from infrastructure.local_cloud.cloud import LocalCloud
from infrastructure.local_cloud.errors import UnknownFunctionError

if TYPE_CHECKING:
    from types_boto3_logs import CloudWatchLogsClient

POLL = 0.5
"""Seconds between two looks while following."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One event of a function's log."""

    time: datetime
    function: str
    message: str


def read(
    cloud: LocalCloud, function: str | None = None, *, since: datetime | None = None, follow: bool = False
) -> Iterator[Line]:
    """Read the log of a function (`keep-counters`), or of all, in order of time; *follow* never ends.

    Raises:
        UnknownFunctionError: there is no such function.
    """
    if function and function not in cloud.functions:
        raise UnknownFunctionError(
            f"There is no function {function}, but {', '.join(sorted(cloud.functions))}"
        )
    client = cloud.access.session().client("logs", **cloud.access.here())
    beginning = int(since.timestamp() * 1000) if since else 0
    names = [function] if function else sorted(cloud.functions)
    tails = [_Tail(client, name, f"/aws/lambda/{cloud.functions[name]}", beginning) for name in names]
    while True:
        yield from sorted((line for tail in tails for line in tail.new()), key=lambda line: line.time)
        if not follow:
            return
        time.sleep(POLL)


@dataclass
class _Tail:
    """Remembers how far the log of one function was read."""

    client: "CloudWatchLogsClient"
    function: str
    group: str
    instant: int
    seen: set[tuple[str, int, int]] = field(default_factory=set)

    def new(self) -> Iterator[Line]:
        """Read what was logged since the last time."""
        while fresh := list(self._page()):
            yield from fresh

    def _page(self) -> Iterator[Line]:
        places: Counter[tuple[str, int]] = Counter()
        for event in self.client.filter_log_events(logGroupName=self.group, startTime=self.instant)["events"]:
            moment = event["logStreamName"], event["timestamp"]
            places[moment] += 1
            if (key := (*moment, places[moment])) not in self.seen:
                self.seen.add(key)
                self.instant = max(self.instant, event["timestamp"])
                at = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
                yield Line(time=at, function=self.function, message=event["message"].rstrip())
