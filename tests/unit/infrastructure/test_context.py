import pytest

from infrastructure.context import running, time_is_up


class Context:
    """What a run of a Lambda function knows of its time: so many seconds, and later so many."""

    def __init__(self, *seconds: float) -> None:
        self._left = iter(seconds)

    def get_remaining_time_in_millis(self) -> int:
        return int(next(self._left) * 1000)


@pytest.mark.parametrize(("left", "is_up"), [(60, False), (25, False), (24.999, True), (0, True)])
def test_the_time_of_a_run_is_up_25_seconds_before_its_end(left: float, is_up: bool) -> None:
    with running(Context(60, left)):
        assert time_is_up() is is_up


@pytest.mark.parametrize(("left", "is_up"), [(4, False), (2, False), (1.999, True)])
def test_a_run_of_little_time_stops_at_half_of_it(left: float, is_up: bool) -> None:
    with running(Context(4, left)):
        assert time_is_up() is is_up


def test_who_is_no_run_of_a_function_has_time() -> None:
    with running(Context(60, 0, 0)):
        assert time_is_up()
        with running(None):
            assert not time_is_up()
        assert time_is_up()
    assert not time_is_up()
