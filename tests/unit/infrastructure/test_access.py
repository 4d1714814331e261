import pytest

from infrastructure.access import NotSignedInError, account_of


def test_each_user_has_one_account() -> None:
    assert (
        account_of({"sub": "0f7c1f0e-6f0a-4b5e-9d57-0a1b2c3d4e5f"}) == "acc_0f7c1f0e6f0a4b5e9d570a1b2c3d4e5f"
    )


@pytest.mark.parametrize("claims", [{}, {"sub": ""}, {"sub": None}, {"sub": "somebody#else"}])
def test_claims_without_a_user_have_none(claims: dict[str, object]) -> None:
    with pytest.raises(NotSignedInError, match="sign in again"):
        account_of(claims)
