"""What a port raises when something goes wrong: the errors that its real adapter raises then."""

from botocore.exceptions import ClientError, ReadTimeoutError

from domain.counters import LostRaceError
from domain.invoices import InvoiceMovedError
from domain.mailing import MailRefusedError
from infrastructure.dynamodb.errors import StoreConflictError, StoreUnavailableError
from infrastructure.s3 import ArchiveUnavailableError
from infrastructure.ses import MailUncertainError

_TOLD = "the simulation says so"
_AWS = {"sns", "sqs", "s3", "lambda"}
_SERVICES = _AWS | {"archive", "postman"}
_MOVES = {"opening", "collecting", "numbering"}


def service_of(call: str) -> str:
    """The service that a call of a port reaches: all entities lie in one store."""
    port = call.partition(".")[0]
    return port if port in _SERVICES else "store"


def refused(call: str) -> Exception:
    """For now, and certainly nothing was done."""
    match service_of(call):
        case "archive":
            return ArchiveUnavailableError(_TOLD)
        case "postman":
            return MailRefusedError(_TOLD)
        case service if service in _AWS:
            told = {"Error": {"Code": "Throttling"}, "ResponseMetadata": {"HTTPStatusCode": 400}}
            return ClientError(told, call)  # type: ignore[arg-type] # as much of it as anybody reads
    return StoreUnavailableError(_TOLD)


def unanswered(call: str) -> Exception:
    """Nobody knows whether it was done."""
    match service_of(call):
        case "archive":
            return ArchiveUnavailableError(_TOLD)
        case "postman":
            return MailUncertainError(_TOLD)
        case service if service in _AWS:
            return ReadTimeoutError(endpoint_url=f"https://{call}")
    return StoreUnavailableError(_TOLD)


def conflict(call: str) -> Exception:
    """Another transaction was under way; nothing was done."""
    if call == "counters.apply":
        return LostRaceError(_TOLD)
    if call.partition(".")[0] in _MOVES:
        return InvoiceMovedError(_TOLD)
    return StoreConflictError(_TOLD) if service_of(call) == "store" else refused(call)
