"""Who gets in, as it is deployed: the gateway, its authorizer, and the keys of the user pool."""

import time

import pytest

from infrastructure.local_cloud import logs, users
from infrastructure.local_cloud.cloud import LocalCloud
from tests.e2e.visitors import PASSWORD, Visitor, eventually, signed_up

SECONDS_OF_CACHE = 5


@pytest.fixture(scope="module")
def grace(deployed: LocalCloud) -> Visitor:
    return signed_up(deployed, "grace@example.com")


def with_a_token(cloud: LocalCloud, grace: Visitor, *scopes: str) -> tuple[str, Visitor]:
    """The id of a new token of Grace's, and a program that has it."""
    made = grace.post("/tokens", {"name": "Nightly", "scopes": scopes})
    assert made.status == 201
    return made.body["id"], Visitor(cloud.api_url, made.body["secret"])


def test_who_signs_in_for_the_first_time_has_an_account(grace: Visitor) -> None:
    first = grace.get("/account")

    assert first.status == 200
    assert (first.body["email"], first.body["complete"]) == ("grace@example.com", False)


def test_an_access_token_of_the_user_pool_is_as_good_as_its_id_token(
    deployed: LocalCloud, grace: Visitor
) -> None:
    grace.get("/account")
    tokens = users.sign_in(deployed, "grace@example.com", PASSWORD)

    answers = [Visitor(deployed.api_url, token).get("/account") for token in (tokens.id, tokens.access)]

    assert [answer.status for answer in answers] == [200, 200]
    assert answers[0].body == answers[1].body


def test_a_program_with_a_token_does_what_its_scopes_say(deployed: LocalCloud, grace: Visitor) -> None:
    _, program = with_a_token(deployed, grace, "read")

    assert program.get("/account").body == grace.get("/account").body
    refused = program.post("/clients", {})
    assert (refused.status, refused.body["type"].rpartition("/")[2]) == (403, "forbidden")
    assert program.get("/tokens").body["type"].rpartition("/")[2] == "sign-in-required"


def test_a_revoked_token_gets_nobody_in_after_seconds(deployed: LocalCloud, grace: Visitor) -> None:
    token_id, program = with_a_token(deployed, grace, "read", "write")
    assert program.get("/account").status == 200

    assert grace.delete(f"/tokens/{token_id}").status == 204
    began = time.monotonic()
    eventually(lambda: program.get("/account").status == 403)

    assert time.monotonic() - began < 2 * SECONDS_OF_CACHE


def test_what_was_said_of_one_token_is_not_said_of_another(deployed: LocalCloud, grace: Visitor) -> None:
    _, program = with_a_token(deployed, grace, "read")
    assert program.get("/account").status == 200

    other = Visitor(deployed.api_url, f"{(program.token or '')[:-1]}!")

    assert other.get("/account").status == 403


def test_the_log_says_why_somebody_was_refused_and_nothing_of_what_was_presented(
    deployed: LocalCloud, grace: Visitor
) -> None:
    _, program = with_a_token(deployed, grace, "read")
    wrong = f"{(program.token or '')[:-8]}AAAAAAAA"
    assert Visitor(deployed.api_url, wrong).get("/account").status == 403

    def lines() -> list[str]:
        return [line.message for line in logs.read(deployed)]

    eventually(lambda: [line for line in lines() if '"wrong-secret"' in line])
    assert not [line for line in lines() if wrong[21:] in line or "grace@example.com" in line]
