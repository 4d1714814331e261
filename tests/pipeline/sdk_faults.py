"""Faults of AWS as the SDK meets them: in botocore, between a call and its answer.

refused        an error, or no connection; nothing is carried out
lost           carried out, and no answer comes; the SDK tries again by itself
late           nobody answers, and it is carried out when the function has long ended
in part        a batch of which only some are dealt with

moto knows no `ClientRequestToken`: here a transaction that was carried out is answered again, as on AWS.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from typing import Any, Protocol

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError
from moto.core.models import botocore_stubber

from infrastructure import aws
from tests.aws_events import Json

READS = {"GetItem", "BatchGetItem", "Query", "GetObject"}
BATCHES = {"PublishBatch", "BatchGetItem"}


class Carry(Protocol):
    """Carries a request out; as by another worker, it has another token."""

    def __call__(self, *, as_another: bool = False) -> AWSResponse: ...


class CrashError(BaseException):
    """The process of a function ends; no `except` of its code sees that."""


class Fault:
    """Something that can happen to an attempt of the SDK to call AWS."""

    def fits(self, operation: str) -> bool:
        """Tell whether this is worth doing to the operation: in most cases where something is written."""
        return operation not in READS

    def happen(self, call: "Attempt", carry_out: Carry) -> AWSResponse:
        """Answer, or raise what the SDK would."""
        return carry_out()

    def shorten(self, operation: str, asked: Json) -> Callable[[Json], None]:
        """Take a part out of a batch; answers with what has to be said of it afterwards."""
        return lambda _: None


@dataclass
class Attempt:
    """One attempt of the SDK: a request on its way."""

    service: str
    operation: str
    url: str


@dataclass
class Refused(Fault):
    """AWS answers with an error and has done nothing; each service has its own words for it."""

    status: int
    codes: dict[str, str]

    def fits(self, operation: str) -> bool:
        return self.status < 500 or super().fits(operation)

    def happen(self, call: Attempt, carry_out: Carry) -> AWSResponse:
        return error(call, self.status, self.codes.get(call.service, self.codes["*"]))


class Unreachable(Fault):
    """No connection; nothing was sent."""

    def happen(self, call: Attempt, carry_out: Carry) -> AWSResponse:
        raise EndpointConnectionError(endpoint_url=call.url)


class AnswerLost(Fault):
    """Done, but the answer never comes."""

    def happen(self, call: Attempt, carry_out: Carry) -> AWSResponse:
        carry_out()
        raise ReadTimeoutError(endpoint_url=call.url)


class AnswerBroken(Fault):
    """Done, and then an error is said all the same."""

    def happen(self, call: Attempt, carry_out: Carry) -> AWSResponse:
        carry_out()
        return error(call, 500, "InternalServerError")


class Late(Fault):
    """Nobody answers; it is done after the function has given up."""

    def __init__(self) -> None:
        self.waiting: list[Carry] = []

    def happen(self, call: Attempt, carry_out: Carry) -> AWSResponse:
        self.waiting.append(carry_out)
        raise ReadTimeoutError(endpoint_url=call.url)


class CrashBefore(Fault):
    """The process ends before anything is sent."""

    def happen(self, call: "Attempt", carry_out: Carry) -> AWSResponse:
        raise CrashError


class CrashAfter(Fault):
    """Done, and the process ends."""

    def happen(self, call: "Attempt", carry_out: Carry) -> AWSResponse:
        carry_out()
        raise CrashError


class Rival(Fault):
    """Another worker does the same a moment before: what is said of the conditions is the truth."""

    def fits(self, operation: str) -> bool:
        return operation == "TransactWriteItems"

    def happen(self, call: "Attempt", carry_out: Carry) -> AWSResponse:
        carry_out(as_another=True)
        return carry_out()


@dataclass
class Cancelled(Fault):
    """A transaction is cancelled, with a reason for each of its first actions.

    Never for a condition that holds: nobody is told on AWS that it does not.
    """

    reasons: Sequence[str]

    def fits(self, operation: str) -> bool:
        return operation == "TransactWriteItems"

    def happen(self, call: Attempt, carry_out: Carry) -> AWSResponse:
        reasons = [{"Code": reason} for reason in self.reasons]
        return error(call, 400, "TransactionCanceledException", CancellationReasons=reasons)


class InPart(Fault):
    """Of a batch, every second entry is left out, and said to be."""

    def fits(self, operation: str) -> bool:
        return operation in BATCHES

    def shorten(self, operation: str, asked: Json) -> Callable[[Json], None]:
        if operation == "PublishBatch":
            entries = asked["PublishBatchRequestEntries"]
            asked["PublishBatchRequestEntries"], left = entries[1::2], entries[::2]
            failed = [{"Id": entry["Id"], "Code": "InternalError", "SenderFault": False} for entry in left]
            return lambda answer: answer.update(Failed=failed)
        [(table, wanted)] = asked["RequestItems"].items()
        kept, left = wanted["Keys"][1::2], wanted["Keys"][::2]
        asked["RequestItems"] = {table: wanted | {"Keys": kept or left}}
        unread = {table: wanted | {"Keys": left}} if kept else {}
        return lambda answer: answer.update(UnprocessedKeys=unread)


def faults() -> dict[str, Fault]:
    """One of each kind."""
    throttled = {"dynamodb": "ThrottlingException", "sns": "Throttling", "ses": "Throttling", "*": "SlowDown"}
    return {
        "throttled": Refused(400, throttled),
        "down": Refused(503, {"*": "ServiceUnavailable"}),
        "unreachable": Unreachable(),
        "answer lost": AnswerLost(),
        "answer broken": AnswerBroken(),
        "late": Late(),
        "crash before": CrashBefore(),
        "crash after": CrashAfter(),
        "conflict": Cancelled(["TransactionConflict"]),
        "conflict and throttling": Cancelled(["None", "TransactionConflict", "ThrottlingError"]),
        "rival": Rival(),
        "in part": InPart(),
    }


@dataclass
class Sdk:
    """What happens to the calls of the one session that the functions share, while they are at work.

    The fault happens to one call, counted over those that it fits: to all attempts that the SDK makes of it
    or, with *once*, to the first.
    """

    fault: Fault
    once: bool = False
    struck: bool = False
    on: bool = False
    _at: int = 0
    _calls: int = 0
    _hits: bool = False
    _asked: Json = field(default_factory=dict)
    _happened: Callable[[Json], None] = lambda _: None
    _answered: dict[str, bytes] = field(default_factory=dict)

    def plug_in(self, happened: Callable[[Json], None]) -> None:
        """Take moto's place behind the session; clients have to be made afterwards.

        *happened* hears what was asked in each attempt that was carried out, whoever learned of it.
        """
        self._happened = happened
        events = aws._session().events
        events.unregister("before-send", botocore_stubber)
        events.register_first("before-parameter-build", self._begins)
        events.register("before-send", self._sends)
        events.register_first("after-call", self._ends)

    def strike(self, at: int) -> None:
        """Let the fault happen to the *at*th call from now on."""
        self._at, self._calls, self.struck = at, 0, False

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """A function runs within; what comes late is carried out when it has ended."""
        self.on = True
        try:
            yield
        finally:
            self.on = self._hits = False
            self._catch_up()

    def _catch_up(self) -> None:
        if isinstance(self.fault, Late):
            waiting, self.fault.waiting = self.fault.waiting, []
            for carry_out in waiting:
                carry_out()

    def _begins(self, params: Json, model: Any, context: Json, **_: object) -> None:
        self._hits = False
        if self.on and self.fault.fits(model.name):
            self._calls += 1
            self._hits = self._calls == self._at
        if self._hits:
            self.struck = True
            context["said"] = self.fault.shorten(model.name, params)
        self._asked = dict(params)

    def _sends(self, event_name: str, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        service, operation = event_name.split(".")[1:]
        carry_out = partial(self._carried_out, request, self._asked)
        if not self._hits:
            return carry_out()
        self._hits = not self.once
        return self.fault.happen(Attempt(service, operation, request.url), carry_out)

    def _ends(self, parsed: Json, context: Json, **_: object) -> None:
        if said := context.pop("said", None):
            said(parsed)

    def _carried_out(
        self, request: AWSPreparedRequest, asked: Json, *, as_another: bool = False
    ) -> AWSResponse:
        token = "" if as_another else _token(request)
        if token in self._answered:
            return answer(request.url, 200, self._answered[token])
        response = botocore_stubber("before-send", request)
        assert response is not None
        if response.status_code >= 300:
            return response
        self._happened(asked)
        if token:
            self._answered[token] = response.content
            return answer(request.url, 200, response.content)
        return response


def _token(request: AWSPreparedRequest) -> str:
    body = request.body if isinstance(request.body, bytes) else b""
    return str(json.loads(body)["ClientRequestToken"]) if b'"ClientRequestToken"' in body else ""


def error(call: Attempt, status: int, code: str, **more: object) -> AWSResponse:
    """An error as the service says it."""
    if call.service == "dynamodb":
        told: Json = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "as told"}
        return answer(call.url, status, json.dumps(told | more).encode())
    if call.service == "s3":
        return answer(call.url, status, f"<Error><Code>{code}</Code><Message/></Error>".encode())
    text = f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code></Error></ErrorResponse>"
    return answer(call.url, status, text.encode())


def answer(url: str, status: int, content: bytes) -> AWSResponse:
    """An answer as it comes over the wire."""
    return AWSResponse(url, status, {}, _Raw(content))  # type: ignore[arg-type] # as moto makes them


class _Raw(BytesIO):
    def stream(self, **_: Any) -> Any:
        while chunk := self.read():
            yield chunk
