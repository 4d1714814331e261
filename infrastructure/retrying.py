"""The house's one retry policy, for what the SDK does not retry itself.

Named exceptions only, attempts and total time bounded, full jitter. `without_waiting` is for tests.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

import tenacity

P = ParamSpec("P")
R = TypeVar("R")

_ATTEMPTS = 6
_SECONDS = 10
_waits = True


def retrying(
    *errors: type[Exception], attempts: int = _ATTEMPTS
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Call again after *errors*, six times and ten seconds at most; then the last error escapes."""
    return tenacity.retry(
        retry=tenacity.retry_if_exception_type(errors),
        stop=tenacity.stop_after_attempt(attempts) | tenacity.stop_after_delay(_SECONDS),
        wait=_wait,
        reraise=True,
    )


@contextmanager
def without_waiting() -> Iterator[None]:
    """Retry at once."""
    global _waits  # noqa: PLW0603 - one switch for every decorated function, for tests only
    _waits = False
    try:
        yield
    finally:
        _waits = True


_jitter = tenacity.wait_random_exponential(multiplier=0.05, max=2)


def _wait(state: tenacity.RetryCallState) -> float:
    return _jitter(state) if _waits else 0
