from dataclasses import dataclass

import pytest

from infrastructure.context import running, time_is_up


@dataclass(frozen=True, slots=True)
class Context:
    """What a run of a Lambda function knows of its time."""

    milliseconds: int

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


@pytest.mark.parametrize(
    ("milliseconds", "is_up"), [(60_000, False), (25_000, False), (24_999, True), (0, True)]
)
def test_the_time_of_a_run_is_up_25_seconds_before_its_end(milliseconds: int, is_up: bool) -> None:
    with running(Context(milliseconds)):
        assert time_is_up() is is_up


def test_who_is_no_run_of_a_function_has_time() -> None:
    with running(Context(0)):
        assert time_is_up()
        with running(None):
            assert not time_is_up()
        assert time_is_up()
    assert not time_is_up()
