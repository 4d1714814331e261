import datetime as dt
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from domain.access import Caller, RefusedError, Scope, SignInRequiredError
from domain.errors import InvalidError, NotFoundError
from domain.identifiers import TokenId
from domain.tokens import (
    MOST_DAYS,
    MOST_TOKENS,
    Token,
    TokenDetails,
    TooManyTokensError,
    authenticate,
    create_token,
    revoke_token,
)
from tests.builders import ADA, BOB, ids, some_token_details
from tests.fakes import InMemoryTokens

NOW = dt.datetime(2026, 10, 28, 9, 10, tzinfo=dt.UTC)
DAY, SECOND = dt.timedelta(days=1), dt.timedelta(seconds=1)
CHANCE = "s" * 43


@pytest.fixture
def tokens() -> InMemoryTokens:
    return InMemoryTokens()


def created(tokens: InMemoryTokens, body: str = "", **changes: Any) -> tuple[Token, str]:
    new_id = (lambda: body) if body else ids()
    return create_token(
        some_token_details(**changes),
        account_id=ADA,
        tokens=tokens,
        now=NOW,
        new_id=new_id,
        new_secret=lambda: CHANCE,
    )


def reason(secret: str, tokens: InMemoryTokens, now: dt.datetime = NOW) -> str:
    with pytest.raises(RefusedError) as raised:
        authenticate(secret, tokens=tokens, now=now)
    return raised.value.reason


def test_a_token_is_stored_as_a_hash_and_its_secret_handed_out_once(tokens: InMemoryTokens) -> None:
    token, secret = created(tokens)

    assert secret == f"ivp_0000000000000001_{CHANCE}"
    assert token == Token(
        id=TokenId("tok_0000000000000001"),
        account_id=ADA,
        name="Laptop",
        scopes=(Scope.READ, Scope.WRITE),
        digest=sha256(secret.encode()).hexdigest(),
        created_at=NOW,
        valid_until=NOW + 90 * DAY,
    )
    assert tokens.get(token_id=token.id) == token


def test_who_presents_the_secret_acts_for_the_account_within_the_scopes(tokens: InMemoryTokens) -> None:
    token, secret = created(tokens, scopes=(Scope.OPERATE, Scope.READ))

    caller = authenticate(secret, tokens=tokens, now=NOW)

    assert caller == Caller(account_id=ADA, scopes=frozenset({Scope.READ, Scope.OPERATE}), token_id=token.id)
    with pytest.raises(SignInRequiredError):
        caller.require_sign_in()


def test_a_person_who_signed_in_may_do_what_a_token_may_not() -> None:
    Caller(account_id=ADA).require_sign_in()


@pytest.mark.parametrize(
    "presented",
    [
        "",
        "ivp_",
        "ivp_0000000000000001",
        f"ivp_0000000000000001_{CHANCE[1:]}",
        f"ivp_0000000000000001_{CHANCE}s",
        f"ivp_0000000000000001_{CHANCE}\n",
        f"IVP_0000000000000001_{CHANCE}",
        f"ivp_000000000000000A_{CHANCE}",
        f"ivp_000000000000000#_{CHANCE}",
        f"ivp_0000000000000001_{CHANCE[:-1]}é",
        f"ivp_0000000000000001_{CHANCE[:-1]}'",
        f"ivp_٠000000000000001_{CHANCE}",
    ],
)
def test_what_has_not_the_form_of_a_secret_is_looked_up_nowhere(
    tokens: InMemoryTokens, presented: str
) -> None:
    created(tokens)
    tokens._store.calls.clear()

    assert reason(presented, tokens) == "malformed-token"
    assert not tokens._store.calls


def test_another_secret_opens_nothing(tokens: InMemoryTokens) -> None:
    _, secret = created(tokens)

    assert reason(secret[:-1] + "t", tokens) == "wrong-secret"
    assert reason(secret.replace("0001", "0002"), tokens) == "unknown-token"


def test_a_token_whose_making_is_taken_up_again_is_one_token_with_another_secret(
    tokens: InMemoryTokens,
) -> None:
    begun, unseen = created(tokens, body="mine000000000000")
    new = unseen.replace(CHANCE, "t" * 43)

    token, secret = create_token(
        some_token_details(),
        account_id=ADA,
        tokens=tokens,
        now=NOW + DAY,
        new_id=lambda: "mine000000000000",
        new_secret=lambda: "t" * 43,
    )

    assert (len(tokens), secret) == (1, new)
    assert token == replace(begun, digest=token.digest, version=2)
    assert authenticate(new, tokens=tokens, now=NOW).token_id == token.id
    assert reason(unseen, tokens) == "wrong-secret"


def test_nobody_gets_the_secret_of_a_token_that_is_another_account_s(tokens: InMemoryTokens) -> None:
    _, secret = created(tokens, body="mine000000000000")

    with pytest.raises(NotFoundError):
        create_token(
            some_token_details(),
            account_id=BOB,
            tokens=tokens,
            now=NOW,
            new_id=lambda: "mine000000000000",
            new_secret=lambda: "t" * 43,
        )

    assert authenticate(secret, tokens=tokens, now=NOW).account_id == ADA


def test_the_secret_of_one_token_opens_no_other(tokens: InMemoryTokens) -> None:
    created(tokens, body="mine000000000000")
    others = create_token(
        some_token_details(),
        account_id=BOB,
        tokens=tokens,
        now=NOW,
        new_id=lambda: "other00000000000",
        new_secret=lambda: "x" * 43,
    )[1]

    assert reason(others.replace("x" * 43, CHANCE), tokens) == "wrong-secret"


def test_a_token_opens_nothing_from_the_instant_on_in_which_it_expires(tokens: InMemoryTokens) -> None:
    token, secret = created(tokens, expires_at=NOW + DAY)

    assert authenticate(secret, tokens=tokens, now=token.valid_until - SECOND).token_id == token.id
    assert reason(secret, tokens, token.valid_until) == "expired-token"


def test_a_revoked_token_opens_nothing(tokens: InMemoryTokens) -> None:
    token, secret = created(tokens)

    revoke_token(token.id, account_id=ADA, tokens=tokens, now=NOW)

    assert reason(secret, tokens) == "revoked-token"


def test_revoking_twice_changes_nothing_more(tokens: InMemoryTokens) -> None:
    token, _ = created(tokens)

    both = [revoke_token(token.id, account_id=ADA, tokens=tokens, now=NOW + days * DAY) for days in (1, 2)]

    assert both == [replace(token, revoked_at=NOW + DAY, version=2)] * 2


def test_nobody_revokes_the_token_of_another(tokens: InMemoryTokens) -> None:
    token, secret = created(tokens)

    with pytest.raises(NotFoundError):
        revoke_token(token.id, account_id=BOB, tokens=tokens, now=NOW)

    assert authenticate(secret, tokens=tokens, now=NOW).token_id == token.id


def test_a_token_lives_for_a_year_at_most(tokens: InMemoryTokens) -> None:
    token, _ = created(tokens, expires_at=NOW + MOST_DAYS * DAY)

    assert token.valid_until == NOW + MOST_DAYS * DAY
    for wrong in (NOW, NOW - DAY, NOW + MOST_DAYS * DAY + SECOND):
        with pytest.raises(InvalidError, match="/expires_at"):
            created(tokens, expires_at=wrong)


def test_the_instant_in_which_a_token_expires_is_a_whole_second_in_utc(tokens: InMemoryTokens) -> None:
    tokyo = dt.timezone(dt.timedelta(hours=9))
    token, _ = created(tokens, expires_at=dt.datetime(2026, 11, 1, 9, 0, 0, 999_999, tzinfo=tokyo))

    assert token.valid_until.isoformat() == "2026-11-01T00:00:00+00:00"


def test_an_account_has_fifty_tokens_that_work_at_most(tokens: InMemoryTokens) -> None:
    bodies = ids()
    made = [created(tokens, body=bodies())[0] for _ in range(MOST_TOKENS)]

    with pytest.raises(TooManyTokensError, match="revoke one"):
        created(tokens, body=bodies())

    revoke_token(made[0].id, account_id=ADA, tokens=tokens, now=NOW)
    created(tokens, body=bodies())
    assert len(tokens) == MOST_TOKENS + 1


@pytest.mark.parametrize(
    ("wrong", "places"),
    [
        ({"name": ""}, ["/name"]),
        ({"name": "n" * 101}, ["/name"]),
        ({"name": "a\nb", "scopes": ()}, ["/name", "/scopes"]),
        ({"scopes": (Scope.READ, Scope.READ)}, ["/scopes"]),
        ({"expires_at": dt.datetime(2026, 11, 1)}, ["/expires_at"]),  # noqa: DTZ001 - that is what is wrong
    ],
)
def test_what_is_wrong_with_a_token_is_told_at_once(wrong: dict[str, Any], places: list[str]) -> None:
    with pytest.raises(InvalidError) as raised:
        some_token_details(**wrong)

    assert [problem.pointer for problem in raised.value.problems] == places


def test_a_name_of_a_hundred_characters_and_all_scopes_are_taken() -> None:
    assert TokenDetails(name="n" * 100, scopes=tuple(Scope)).expires_at is None
