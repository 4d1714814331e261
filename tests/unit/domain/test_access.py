import pytest

from domain.access import Caller, ForbiddenError, Scope
from tests.builders import ADA


def test_a_person_may_do_everything() -> None:
    caller = Caller(account_id=ADA)

    for scope in Scope:
        caller.require(scope)


@pytest.mark.parametrize("scope", [Scope.WRITE, Scope.OPERATE])
def test_who_may_only_look_is_refused_all_else(scope: Scope) -> None:
    caller = Caller(account_id=ADA, scopes=frozenset({Scope.READ}))

    with pytest.raises(ForbiddenError, match=f"this needs the scope {scope}; the token has read"):
        caller.require(scope)
