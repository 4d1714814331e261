"""What the HTTP API refuses by itself, before any use case is asked."""

from collections.abc import Iterable

from domain.errors import ConflictError, InvalidError, NotFoundError, Problem, WillNeverWorkError


class MalformedBodyError(WillNeverWorkError):
    """The body is not a JSON object."""

    code = "malformed-body"


class BodyTooLargeError(WillNeverWorkError):
    """The body is larger than anything that can be asked."""

    code = "body-too-large"


class NotJsonError(WillNeverWorkError):
    """The body says of itself that it is something else than JSON."""

    code = "not-json"


class BadIdempotencyKeyError(WillNeverWorkError):
    """The Idempotency-Key is empty, too long, or not printable."""

    code = "bad-idempotency-key"


class BadQueryError(InvalidError):
    """Parameters behind the `?` are unknown or wrong."""

    code = "bad-query"


class NoSuchClientError(NotFoundError):
    """The client that the body names is not there; `problems` says where it names it."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problems = (problem,)


class NoSuchRouteError(NotFoundError):
    """Nothing is reached by this path."""

    code = "no-such-route"


class MethodNotAllowedError(WillNeverWorkError):
    """The path is known, but not with this method."""

    code = "method-not-allowed"

    def __init__(self, method: str, allowed: Iterable[str]) -> None:
        self.allowed = ", ".join(sorted(allowed))
        super().__init__(f"{method} does nothing here; {self.allowed} would")


class MatchRequiredError(WillNeverWorkError):
    """A change was asked for without saying of which version."""

    code = "match-required"


class NoAccountYetError(ConflictError):
    """A client takes its currency and time zone from an account, and there is none yet."""

    code = "no-account-yet"


class NoDocumentYetError(ConflictError):
    """The invoice has no PDF yet."""

    code = "no-document-yet"


class NoEInvoiceError(ConflictError):
    """The invoice has its PDF alone: `errors` says what of it an e-invoice cannot carry."""

    code = "no-e-invoice"

    def __init__(self, number: str, problems: tuple[Problem, ...]) -> None:
        told = "; ".join(problem.message for problem in problems) or "it is older than e-invoices are here"
        super().__init__(f"{number} has its PDF, but no e-invoice: {told}")
        self.problems = problems
