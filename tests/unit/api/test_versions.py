"""ETag and If-Match: whoever changes what somebody else has changed meanwhile is told."""

from threading import Barrier, Thread

import pytest

from domain.clients import Client
from domain.work import WorkEntry
from tests.builders import a_client, a_work_entry, an_account
from tests.gateway import Response, User
from tests.problems import problem
from tests.world import World

ACCOUNT = "/v1/account"
SAID = {
    "name": "Ada Lovelace",
    "email": "ada@example.com",
    "address": {"street": "Invalidenstrasse 1", "city": "Berlin", "country": "DE"},
    "currency": "EUR",
    "time_zone": "Europe/Berlin",
}
MEANWHILE = "somebody changed this meanwhile: read it again, and change what you find"
AS_ANSWERED = "If-Match must be the ETag as it was answered, with its quotes, or *"
NO_ETAGS = ['W/"1"', '"1', "1", '""', '"1", "2"', '"99999999999999999"', "\u00b9"]


@pytest.fixture
def acme(world: World, ada: User) -> Client:
    acme = a_client(account_id=ada.account_id)
    world.having(an_account(id=ada.account_id), acme)
    return acme


@pytest.fixture
def entry(world: World, acme: Client) -> WorkEntry:
    entry = a_work_entry(client=acme)
    world.having(entry)
    return entry


def test_each_change_gives_a_thing_another_etag(ada: User, acme: Client) -> None:
    at = f"/v1/clients/{acme.id}"

    first, changed, then = ada.get(at), ada.patch(at, {"name": "Acme AG"}), ada.get(at)

    assert [each.headers["etag"] for each in (first, changed, then)] == ['"1"', '"2"', '"2"']


@pytest.mark.parametrize("match", ['"1"', ' "1" ', "*"])
def test_a_change_of_what_was_seen_is_made(ada: User, acme: Client, entry: WorkEntry, match: str) -> None:
    answers = [
        ada.put(ACCOUNT, SAID, match=match),
        ada.patch(f"/v1/clients/{acme.id}", {"name": "Acme AG"}, match=match),
        ada.patch(f"/v1/work-entries/{entry.id}", {"minutes": 5}, match=match),
    ]

    assert [answer.status for answer in answers] == [200, 200, 200]
    assert [answer.headers["etag"] for answer in answers] == ['"2"', '"2"', '"2"']


@pytest.mark.parametrize(
    ("match", "told"),
    [('"2"', MEANWHILE), ('"0"', MEANWHILE), *((match, AS_ANSWERED) for match in NO_ETAGS)],
)
def test_a_change_of_what_is_another_by_now_is_refused(
    ada: User, acme: Client, entry: WorkEntry, match: str, told: str
) -> None:
    paths = [
        ACCOUNT,
        f"/v1/clients/{acme.id}",
        f"/v1/work-entries/{entry.id}",
        f"/v1/work-entries/{entry.id}",
    ]

    answers = [
        ada.put(paths[0], SAID, match=match),
        ada.patch(paths[1], {"name": "Acme AG"}, match=match),
        ada.patch(paths[2], {"minutes": 5}, match=match),
        ada.delete(paths[3], match=match),
    ]

    assert [answer.status for answer in answers] == [412] * 4
    assert [answer.body for answer in answers] == [
        problem(412, "changed-meanwhile", "Changed meanwhile", told, at=path) for path in paths
    ]
    assert [ada.get(path).headers["etag"] for path in paths] == ['"1"'] * 4


def test_replacing_the_account_says_which_one(ada: User, acme: Client) -> None:
    response = ada.put(ACCOUNT, SAID)

    told = "others may have changed this: send If-Match with the ETag that you have seen, or with *"
    assert response.status == 428
    assert response.body == problem(428, "match-required", "Match required", told, at=ACCOUNT)


def test_there_is_nothing_to_overwrite_in_an_account_that_is_opened(ada: User) -> None:
    response = ada.put(ACCOUNT, SAID)

    assert (response.status, response.headers["etag"]) == (200, '"1"')


def test_what_is_taken_back_already_stays_so_whatever_was_seen(ada: User, entry: WorkEntry) -> None:
    at = f"/v1/work-entries/{entry.id}"

    answers = [ada.delete(at, match='"1"'), ada.delete(at, match='"1"'), ada.get(at)]

    assert [answer.status for answer in answers] == [204, 204, 404]


def test_of_two_edits_with_one_etag_one_wins(ada: User, entry: WorkEntry) -> None:
    at, start = f"/v1/work-entries/{entry.id}", Barrier(2)
    answers: list[Response] = []

    def edit(minutes: int) -> None:
        start.wait()
        answers.append(ada.patch(at, {"minutes": minutes}, match='"1"'))

    editors = [Thread(target=edit, args=(minutes,)) for minutes in (10, 20)]
    for editor in editors:
        editor.start()
    for editor in editors:
        editor.join()

    assert sorted(answer.status for answer in answers) == [200, 412]
    (won,) = [answer for answer in answers if answer.status == 200]
    assert ada.get(at).body["minutes"] == won.body["minutes"]


def test_an_id_in_the_path_may_be_percent_encoded(ada: User, acme: Client) -> None:
    at = f"/v1/clients/{acme.id.replace('_', '%5F')}"

    response = ada.get(at)

    assert response.body["id"] == acme.id
