from pathlib import Path

from infrastructure.local_cloud import ministack
from infrastructure.local_cloud.home import Home


def test_functions_are_held_to_their_roles() -> None:
    environment = ministack.environment(port=4567, smtp_port=2525, token="t", home=Home(Path("/home")))

    assert environment["AUTH"] == "true"
    assert "AWS_ENDPOINT_URL" not in environment  # so that they call ministack itself


def test_behind_a_proxy_they_call_it_and_no_signature_is_asked_for() -> None:
    environment = ministack.environment(
        port=4567, smtp_port=2525, token="t", home=Home(Path("/home")), proxy="http://127.0.0.1:4579"
    )

    assert environment["AUTH"] == "false"
    assert environment["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4579"
