"""How many requests an account may make: each one is counted before anything is done for it."""

from domain.errors import TryAgainLaterError
from domain.rates import TooManyRequestsError
from handlers.api.requests import Request
from infrastructure import wiring
from infrastructure.observability import cause, logger


def spend(request: Request) -> None:
    """Let the request pass; also where nobody can tell whether it may, which is logged.

    Raises:
        NotSignedInError: nobody asks.
        TooManyRequestsError: the account has used up this minute.
    """
    try:
        wiring.permits().spend(account_id=request.account_id, now=wiring.now())
    except TooManyRequestsError:
        raise
    except TryAgainLaterError as error:
        told = {"request_id": request.id, "account": request.account_id}
        logger().warning("request not counted", extra=told | cause(error))
