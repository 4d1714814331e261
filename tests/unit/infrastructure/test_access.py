import pytest

from domain.access import Caller, Scope
from infrastructure.access import NotSignedInError, account_of, context_of
from tests.builders import ADA


def test_each_user_has_one_account() -> None:
    assert (
        account_of({"sub": "0f7c1f0e-6f0a-4b5e-9d57-0a1b2c3d4e5f"}) == "acc_0f7c1f0e6f0a4b5e9d570a1b2c3d4e5f"
    )


def test_a_user_of_another_issuer_has_another_account() -> None:
    issuers = ("https://one.example", "https://two.example")

    assert len({account_of({"iss": issuer, "sub": "ada"}) for issuer in issuers}) == 2


@pytest.mark.parametrize("claims", [{}, {"sub": ""}, {"sub": None}, {"sub": 42}, {"sub": ["ada"]}])
def test_claims_without_a_user_have_none(claims: dict[str, object]) -> None:
    with pytest.raises(NotSignedInError, match="sign in again"):
        account_of(claims)


def test_the_context_of_a_request_says_who_asks_and_nothing_that_is_not_there() -> None:
    person = Caller(account_id=ADA, email="ada@example.com")
    program = Caller(account_id=ADA, scopes=frozenset({Scope.READ}), token_id="tok_mine000000000000")

    assert context_of(person) == {
        "account": "acc_ada",
        "scopes": "operate read write",
        "email": "ada@example.com",
    }
    assert context_of(program) == {"account": "acc_ada", "scopes": "read", "token": "tok_mine000000000000"}
