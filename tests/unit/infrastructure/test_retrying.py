import time
from collections.abc import Callable

import pytest

from infrastructure.retrying import retrying, without_waiting


class Failing:
    """Fails as often as it is told, with what it is told."""

    def __init__(self, error: Exception, *, times: int) -> None:
        self._error, self._times = error, times
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.calls <= self._times:
            raise self._error
        return "done"


def test_a_named_error_is_tried_again_until_it_works() -> None:
    flaky = Failing(KeyError(), times=5)

    assert retried(flaky) == "done"
    assert flaky.calls == 6


def test_six_attempts_are_all_and_the_last_error_escapes() -> None:
    error = KeyError("gone")
    broken = Failing(error, times=99)

    with pytest.raises(KeyError) as caught:
        retried(broken)

    assert caught.value is error
    assert broken.calls == 6


def test_an_error_that_is_not_named_escapes_at_once() -> None:
    buggy = Failing(ZeroDivisionError(), times=99)

    with pytest.raises(ZeroDivisionError):
        retried(buggy)

    assert buggy.calls == 1


def test_ten_seconds_are_all_however_few_the_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(0, 10_000, 6))
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    slow = Failing(KeyError(), times=99)

    with pytest.raises(KeyError):
        retried(slow)

    assert slow.calls == 2


def test_waits_are_short_random_and_longer_with_each_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[list[float]] = []
    for _ in range(50):
        waits.append([])
        monkeypatch.setattr(time, "sleep", waits[-1].append)
        with pytest.raises(KeyError):
            retrying(KeyError)(Failing(KeyError(), times=99))()

    longest = [max(each) for each in zip(*waits, strict=True)]
    assert len(set(map(tuple, waits))) == 50
    assert all(most <= 0.05 * 2**attempt for attempt, most in enumerate(longest, start=1))
    assert longest[-1] > 0.3


def retried(call: Callable[[], str]) -> str:
    with without_waiting():
        return retrying(KeyError)(call)()
