"""Breaks what the functions of a local cloud ask of AWS, while they run.

    with faults.breaking(cloud, throttled("sns", "PublishBatch"), unavailable("dynamodb").sometimes(0.3)):
        …                       the first fault that fits a call happens to it
    faults.inject(cloud, …)     the same without an end, but that of the faults themselves
    faults.fired(cloud)         what happened, fault by fault

A cloud can be broken that was started so: `control.up(…, breakable=True)`. The faults themselves are
microburst's rules (https://github.com/pingedbrain/microburst#rules).
"""

import http.client
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from infrastructure.local_cloud.cloud import LocalCloud
from infrastructure.local_cloud.errors import LocalCloudError

_EVERYTHING = 1_000_000
_SECONDS = 5


class UnbreakableError(LocalCloudError):
    """No proxy stands between the functions and this cloud."""

    code = "local-cloud-unbreakable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What happens to calls of an operation; without one, to every call of the service.

    *chance* is the share of the calls that it happens to, *times* how often it happens at most, *since* and
    *until* the time in which it does, in seconds since 1970.
    """

    service: str
    operation: str | None
    effect: dict[str, Any]
    chance: float = 1.0
    times: int | None = None
    since: float | None = None
    until: float | None = None

    def sometimes(self, chance: float) -> "Fault":
        """Happen to a share of the calls only."""
        return replace(self, chance=chance)

    def at_most(self, times: int) -> "Fault":
        """Happen so often and then no more."""
        return replace(self, times=times)

    def between(self, since: float, until: float) -> "Fault":
        """Happen in a time only, in seconds since 1970."""
        return replace(self, since=since, until=until)

    def rule(self) -> dict[str, Any]:
        """Say it in microburst's words."""
        chosen = {
            "service": self.service,
            "operation": self.operation,
            "times": self.times,
            "active_at": self.since,
            "until": self.until,
        }
        given = {name: value for name, value in chosen.items() if value is not None}
        return given | {"probability": self.chance} | self.effect


@dataclass(frozen=True, slots=True, kw_only=True)
class Fired:
    """A fault that happened to a call; *rule* is the number that `inject` gave it."""

    rule: int
    at: datetime
    service: str
    operation: str
    effect: str


def throttled(service: str, operation: str | None = None, *, code: str = "ThrottlingException") -> Fault:
    """Refuse as AWS does when it is asked too much; nothing is carried out."""
    return Fault(service=service, operation=operation, effect={"error": {"code": code, "status": 400}})


def unavailable(service: str, operation: str | None = None) -> Fault:
    """Fail as AWS does when it is down; nothing is carried out."""
    effect = {"error": {"code": "ServiceUnavailable", "status": 503}}
    return Fault(service=service, operation=operation, effect=effect)


def answer_lost(service: str, operation: str) -> Fault:
    """Carry the call out, and close the connection instead of answering."""
    return Fault(service=service, operation=operation, effect={"response": {"abort_bytes": 0}})


def late(service: str, operation: str, *, seconds: float) -> Fault:
    """Carry the call out only then, also where nobody waits any more."""
    return Fault(service=service, operation=operation, effect={"latency": int(seconds * 1000)})


def cancelled(*reasons: str) -> Fault:
    """Cancel a transaction for one reason for each of its first actions (`None` for no reason)."""
    fields = {"CancellationReasons": [{"Code": reason} for reason in reasons]}
    effect = {"error": {"code": "TransactionCanceledException", "status": 400, "fields": fields}}
    return Fault(service="dynamodb", operation="TransactWriteItems", effect=effect)


@contextmanager
def breaking(cloud: LocalCloud, *faults: Fault) -> Iterator[None]:
    """Let these faults happen within, instead of those before; afterwards none does."""
    inject(cloud, *faults)
    try:
        yield
    finally:
        inject(cloud)


def inject(cloud: LocalCloud, *faults: Fault) -> Sequence[int]:
    """Let these faults happen from now on, and no others; answers with a number for each."""
    return [rule["id"] for rule in _ask(cloud, "POST", "rules", [fault.rule() for fault in faults])]


def fired(cloud: LocalCloud) -> Sequence[Fired]:
    """Tell all faults that happened since the cloud was started, the earliest first."""
    return [
        Fired(
            rule=each["rule_id"],
            at=datetime.fromtimestamp(each["ts"], UTC),
            service=each["service"] or "",
            operation=each["operation"] or "",
            effect=each["action"],
        )
        for each in _ask(cloud, "GET", f"fired?limit={_EVERYTHING}")
    ]


def _ask(cloud: LocalCloud, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
    if cloud.proxy is None:
        raise UnbreakableError(f"The functions call {cloud.access.endpoint} directly; nothing can be broken")
    connection = http.client.HTTPConnection(urlsplit(cloud.proxy).netloc, timeout=_SECONDS)
    try:
        connection.request(method, f"/_microburst/{path}", None if body is None else json.dumps(body))
        answer = connection.getresponse()
        content = answer.read()
    except OSError as error:
        raise LocalCloudError(f"The proxy {cloud.proxy} does not answer: {error}") from error
    finally:
        connection.close()
    if answer.status != http.client.OK:
        raise LocalCloudError(f"The proxy {cloud.proxy} refused: {content.decode(errors='replace')}")
    return json.loads(content)
