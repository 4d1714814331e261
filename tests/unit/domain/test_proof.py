from collections.abc import Callable

from domain.proof import MOST_LOOKS, Code, Finding, Proof, confirmed
from tests.builders import ADA


def a_finding(subject: str = "2026-10", *, code: Code = Code.COUNTER_DIFFERS, told: str = "") -> Finding:
    return Finding(code=code, account_id=ADA, subject=subject, told=told)


def looks(*proofs: Proof) -> tuple[Callable[[], Proof], list[Proof]]:
    """What each look proves, and those that have not been taken yet."""
    left = list(proofs)
    return lambda: left.pop(0), left


def test_what_is_right_is_looked_at_once() -> None:
    look, left = looks(Proof(clients=1), Proof(clients=2))

    assert confirmed(look) == Proof(clients=1)
    assert len(left) == 1


def test_what_is_wrong_at_each_look_is_wrong_as_the_last_look_tells() -> None:
    look, left = looks(*(Proof(findings=(a_finding(told=told),)) for told in ("first", "second", "third")))

    assert confirmed(look) == Proof(findings=(a_finding(told="third"),))
    assert left == []


def test_what_is_right_at_one_look_is_right() -> None:
    look, _ = looks(Proof(findings=(a_finding(),)), Proof(), Proof(findings=(a_finding(),)))

    assert confirmed(look) == Proof()


def test_what_is_wrong_in_another_way_each_time_is_not_wrong() -> None:
    first, second = a_finding("2026-10"), a_finding("2026-11")
    other = a_finding("2026-10", code=Code.CONTRIBUTION_AHEAD)
    look, _ = looks(Proof(findings=(first,)), Proof(findings=(second, other)))

    assert confirmed(look) == Proof()


def test_what_is_wrong_each_time_stays_beside_what_comes_and_goes() -> None:
    always, sometimes = a_finding("2026-10"), a_finding("2026-11")
    look, _ = looks(
        Proof(findings=(always, sometimes)), Proof(findings=(always,)), Proof(findings=(always, sometimes))
    )

    assert confirmed(look).findings == (always,)
    assert MOST_LOOKS == 3
