"""How long a function waits for AWS, and how often the SDK tries by itself."""

from collections.abc import Iterator

import pytest

from infrastructure import aws, settings
from tests import data_stack
from tests.data_stack import ENVIRONMENT


@pytest.fixture(autouse=True)
def _anew(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    data_stack.forget(aws, settings)
    yield
    data_stack.forget(aws, settings)


@pytest.mark.parametrize("service", ["dynamodb", "s3", "sns", "sqs"])
def test_the_sdk_tries_three_times(service: str) -> None:
    assert aws.client(service).meta.config.retries == {"mode": "standard", "total_max_attempts": 3}


def test_the_sdk_hands_a_mail_over_once() -> None:
    """SES knows no token by which it would send the same mail only once."""
    assert aws.client("ses").meta.config.retries == {"mode": "standard", "total_max_attempts": 1}


@pytest.mark.parametrize(("service", "seconds"), [("dynamodb", 2), ("sns", 5), ("ses", 25)])
def test_an_answer_is_waited_for_less_long_than_a_function_lives(service: str, seconds: int) -> None:
    config = aws.client(service).meta.config

    assert (config.connect_timeout, config.read_timeout) == (1, seconds)
