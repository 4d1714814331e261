import datetime as dt
from dataclasses import replace
from itertools import islice

import pytest

from domain.errors import ConflictError
from domain.requests import (
    KEPT,
    LEASE,
    MOST_KEPT,
    KeptAnswer,
    KeyedRequest,
    KeyReusedError,
    RequestInProgressError,
    claim_request,
    request_id,
    settle_request,
)
from tests.builders import ADA
from tests.fakes import InMemoryRequests, Moment, Store
from tests.fakes.store import Step
from tests.template import cfn
from tests.turns import once

NOW = dt.datetime(2026, 10, 28, 9, 10, tzinfo=dt.UTC)
LATER = NOW + LEASE
ID = request_id(method="POST", path="/v1/clients", key="k1")
ANSWER = KeptAnswer(status=201, body="{}")


def asked(fingerprint: str = "f1", seed: str = "1" * 16, now: dt.datetime = NOW) -> KeyedRequest:
    return KeyedRequest.new(ID, account_id=ADA, fingerprint=fingerprint, seed=seed, now=now)


@pytest.fixture
def requests() -> InMemoryRequests:
    return InMemoryRequests()


def claimed(requests: InMemoryRequests, wanted: KeyedRequest | None = None) -> KeyedRequest:
    return claim_request(wanted or asked(), now=NOW, requests=requests)


def test_a_key_is_of_one_method_and_path() -> None:
    others = [
        request_id(method="POST", path="/v1/work-entries", key="k1"),
        request_id(method="PUT", path="/v1/clients", key="k1"),
        request_id(method="POST", path="/v1/clients", key="k2"),
    ]

    assert request_id(method="POST", path="/v1/clients", key="k1") == ID
    assert len({ID, *others}) == 4


def test_who_asks_first_may_do_it(requests: InMemoryRequests) -> None:
    claim = claimed(requests)

    assert (claim, claim.answer, claim.leased_until) == (asked(), None, LATER)


def test_while_it_is_done_nobody_else_may(requests: InMemoryRequests) -> None:
    claimed(requests)

    last = LATER - dt.timedelta(milliseconds=1)
    with pytest.raises(RequestInProgressError):
        claim_request(asked(seed="2" * 16), now=last, requests=requests)


def test_what_is_done_is_answered_the_same_again(requests: InMemoryRequests) -> None:
    claim = claimed(requests)
    settle_request(claim, claim.finished(ANSWER), requests=requests)

    again = claim_request(asked(seed="2" * 16, now=LATER), now=LATER, requests=requests)

    assert again == replace(claim, answer=ANSWER, version=2)
    assert requests.get(account_id=ADA, request_id=ID) == again


@pytest.mark.parametrize("is_finished", [False, True])
def test_a_key_is_for_one_request_only(requests: InMemoryRequests, is_finished: bool) -> None:
    claim = claimed(requests)
    settle_request(claim, claim.finished(ANSWER) if is_finished else claim, requests=requests)

    with pytest.raises(KeyReusedError):
        claim_request(asked("f2"), now=NOW, requests=requests)


def test_whoever_comes_after_a_dead_worker_goes_on_with_the_same_ids(requests: InMemoryRequests) -> None:
    claimed(requests)

    again = claim_request(asked(seed="2" * 16, now=LATER), now=LATER, requests=requests)

    assert (again.seed, again.answer, again.leased_until) == ("1" * 16, None, LATER + LEASE)


def test_whoever_was_thought_dead_leaves_the_answer_of_who_took_over(requests: InMemoryRequests) -> None:
    slow = claimed(requests)
    quick = claim_request(asked(now=LATER), now=LATER, requests=requests)
    settle_request(quick, quick.finished(ANSWER), requests=requests)

    settle_request(slow, slow.finished(KeptAnswer(status=409)), requests=requests)

    assert requests.get(account_id=ADA, request_id=ID).answer == ANSWER


def test_what_was_given_back_may_be_done_at_once_with_the_same_ids(requests: InMemoryRequests) -> None:
    claim = claimed(requests)
    settle_request(claim, claim.given_back(NOW), requests=requests)

    again = claimed(requests, asked(seed="2" * 16))

    assert (again.seed, again.leased_until) == ("1" * 16, LATER)
    with pytest.raises(RequestInProgressError):
        claimed(requests)


def test_what_was_given_back_is_still_for_the_same_request(requests: InMemoryRequests) -> None:
    claim = claimed(requests)
    settle_request(claim, claim.given_back(NOW), requests=requests)

    with pytest.raises(KeyReusedError):
        claimed(requests, asked("f2"))


def test_a_key_that_was_forgotten_is_free_for_anything(requests: InMemoryRequests) -> None:
    claim = claimed(requests)
    settle_request(claim, claim.forgotten(NOW), requests=requests)

    other = claimed(requests, asked("f2", "2" * 16))

    assert other == replace(asked("f2", "2" * 16), version=3)


def test_a_key_is_kept_for_two_days(requests: InMemoryRequests) -> None:
    claim = claimed(requests)
    settle_request(claim, claim.finished(ANSWER), requests=requests)

    last, end = NOW + KEPT - dt.timedelta(seconds=1), NOW + KEPT
    assert claim_request(asked(now=last), now=last, requests=requests).answer == ANSWER
    assert claim_request(asked("f2", now=end), now=end, requests=requests).answer is None


@pytest.mark.parametrize("call", ["requests.get", "requests.replace"])
def test_who_loses_the_race_for_what_a_dead_worker_left_is_told_to_wait(call: str) -> None:
    store = Store()
    requests = InMemoryRequests(store)
    claimed(requests)

    def overtake() -> None:
        claim_request(asked(now=LATER), now=LATER, requests=requests)

    once(store, Step(call, Moment.BEFORE, commits=call == "requests.replace"), overtake)

    with pytest.raises(RequestInProgressError):
        claim_request(asked(now=LATER), now=LATER, requests=requests)


def test_who_finds_a_key_that_the_table_forgets_at_this_moment_is_told_to_wait() -> None:
    store = Store()
    requests = InMemoryRequests(store)
    claimed(requests)
    once(store, Step("requests.get", Moment.BEFORE, commits=False), store.requests.clear)

    with pytest.raises(RequestInProgressError):
        claimed(requests)


def test_ids_are_made_of_the_seed_the_same_ones_each_time() -> None:
    first, second = list(islice(iter(asked().ids(), None), 3)), list(islice(iter(asked().ids(), None), 3))

    assert first == second
    assert first[0] == "1" * 16
    assert len(set(first)) == 3
    assert all(len(each) == 16 for each in first)


@pytest.mark.parametrize(
    ("body", "is_whole"),
    [("ł" * (MOST_KEPT // 2), True), ("ł" * (MOST_KEPT // 2) + "l", False), (None, True)],
)
def test_a_body_is_kept_that_an_item_has_room_for(body: str | None, is_whole: bool) -> None:
    kept = KeptAnswer(status=201, headers={"location": "/"}, body=body).kept()

    assert kept == KeptAnswer(
        status=201, headers={"location": "/"}, body=body if is_whole else None, is_whole=is_whole
    )


def test_a_lease_outlasts_the_function() -> None:
    assert cfn.application().of(cfn.FUNCTION)["Api"]["Timeout"] < LEASE.total_seconds()


def test_a_claim_is_lost_to_whoever_wrote_since(requests: InMemoryRequests) -> None:
    claim = claimed(requests)
    settle_request(claim, claim.finished(ANSWER), requests=requests)

    with pytest.raises(ConflictError):
        requests.replace(read=claim, by=claim)
