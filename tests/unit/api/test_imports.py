from typing import Any

import pytest

from domain.access import Scope
from domain.identifiers import ImportId
from domain.importing import import_work
from domain.imports import MOST_BYTES, Format
from handlers.api.imports import OPERATIONS
from infrastructure import toggl, wiring
from tests.builders import a_client, an_account
from tests.fakes import InMemoryUploads
from tests.gateway import User
from tests.world import World

HEADER = "User,Client,Project,Description,Billable,Start date,Start time,Duration"
ROW = "Ada,Acme GmbH,Shop,Checkout,Yes,2026-10-01,09:00:00,1:30:00"
BROKEN = "Ada,Acme GmbH,Shop,Checkout,Yes,2026-10-01,09:00:00,soon"
DETAILS = {"filename": "october.csv", "size": 42, "format": "toggl"}


@pytest.fixture(autouse=True)
def _acme(world: World, ada: User) -> None:
    world.having(an_account(id=ada.account_id), a_client(account_id=ada.account_id))


def asked(user: User) -> str:
    """The path of a new import."""
    return user.post("/v1/imports", DETAILS).headers["location"]


def upload(world: World, user: User, path: str, *rows: str) -> None:
    assert isinstance(world.uploads, InMemoryUploads)
    world.uploads.put(user.account_id, named(path), "\n".join([HEADER, *rows]).encode())


def named(path: str) -> ImportId:
    return ImportId(path.rpartition("/")[2])


def work_off(world: World, user: User, path: str) -> None:
    """What the queue does."""
    import_work(
        named(path),
        account_id=user.account_id,
        uploads=world.uploads,
        readers={Format.TOGGL: toggl.read},
        importer=world.importer(),
        now=wiring.now(),
    )


def imported(world: World, user: User, *rows: str) -> str:
    path = asked(user)
    upload(world, user, path, *rows)
    assert post(user, f"{path}/start").status == 202
    work_off(world, user, path)
    return path


def post(user: User, path: str) -> Any:
    return user.ask("POST", path)


def test_who_asks_for_an_import_gets_an_address_for_the_file(ada: User) -> None:
    response = ada.post("/v1/imports", DETAILS)

    import_id = "imp_0000000000000001"
    assert (response.status, response.headers["location"]) == (201, f"/v1/imports/{import_id}")
    assert response.body == {
        "id": import_id,
        **DETAILS,
        "state": "waiting",
        "counts": dict.fromkeys(["taken", "already_there", "refused", "undone", "kept"], 0),
        "created_at": "2026-10-28T09:10:00Z",
        "upload": {
            "method": "PUT",
            "url": f"memory://uploads/imports/{ada.account_id}/{import_id}/work.csv",
            "headers": {"Content-Type": "text/csv", "Content-Length": "42"},
            "expires_at": "2026-10-28T09:25:00Z",
        },
    }


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"filename": ""}, "/filename"),
        ({"filename": "x" * 256}, "/filename"),
        ({"size": 0}, "/size"),
        ({"size": MOST_BYTES + 1}, "/size"),
        ({"size": "42"}, "/size"),
        ({"format": "harvest"}, "/format"),
        ({"key": "../../other"}, "/key"),
        ({"account_id": "acc_bob"}, "/account_id"),
    ],
)
def test_what_can_never_be_imported_is_refused_with_its_place(
    ada: User, wrong: dict[str, object], place: str
) -> None:
    response = ada.post("/v1/imports", DETAILS | wrong)

    assert response.status == 422
    assert [error["pointer"] for error in response.body["errors"]] == [place]
    assert ada.get("/v1/imports").body["data"] == []


def test_an_import_is_started_once_its_file_is_there(world: World, ada: User) -> None:
    path = asked(ada)

    early = post(ada, f"{path}/start")
    upload(world, ada, path, ROW)
    started = post(ada, f"{path}/start")
    again = post(ada, f"{path}/start")

    assert (early.status, early.body["type"].rpartition("/")[2]) == (409, "nothing-uploaded")
    assert (started.status, started.headers["location"]) == (202, path)
    assert (started.body["state"], started.body["started_at"]) == ("started", "2026-10-28T09:10:00Z")
    assert (again.status, again.body["type"].rpartition("/")[2]) == (409, "import-already-started")


def test_an_import_tells_how_far_it_is_and_what_became_of_its_rows(world: World, ada: User) -> None:
    path = imported(world, ada, ROW, BROKEN)

    shown, told = ada.get(path).body, ada.get(f"{path}/rows").body

    [entry] = ada.get("/v1/work-entries").body["data"]
    assert (shown["state"], shown["counts"]["taken"], shown["counts"]["refused"]) == ("finished", 1, 1)
    assert entry["import_id"] == shown["id"]
    assert told == {
        "data": [
            {"line": 2, "result": "taken", "work_id": entry["id"]},
            {
                "line": 3,
                "result": "refused",
                "code": "not-a-duration",
                "reason": 'duration is "soon"; it must be as 1:30:00',
            },
        ],
        "has_more": False,
    }


def test_a_file_that_is_no_export_says_so_in_its_import(world: World, ada: User) -> None:
    path = asked(ada)
    assert isinstance(world.uploads, InMemoryUploads)
    world.uploads.put(ada.account_id, named(path), b"a,b\n1,2\n")
    post(ada, f"{path}/start")

    work_off(world, ada, path)

    shown = ada.get(path).body
    assert (shown["state"], shown["failure"]["code"]) == ("failed", "not-an-export")
    assert "Toggl Track" in shown["failure"]["reason"]


def test_rows_are_listed_by_what_became_of_them_a_page_at_a_time(world: World, ada: User) -> None:
    path = imported(world, ada, ROW, BROKEN, ROW, BROKEN)

    first = ada.get(f"{path}/rows", result="refused", limit=1).body
    rest = ada.get(f"{path}/rows", result="refused", limit=1, cursor=first["next_cursor"]).body

    assert ([row["line"] for row in first["data"]], first["has_more"]) == ([3], True)
    assert ([row["line"] for row in rest["data"]], rest["has_more"]) == ([5], False)


def test_a_cursor_of_one_imports_rows_is_none_of_anothers(world: World, ada: User) -> None:
    one, other = imported(world, ada, ROW, BROKEN), imported(world, ada, ROW, BROKEN)
    cursor = ada.get(f"{one}/rows", limit=1).body["next_cursor"]

    response = ada.get(f"{other}/rows", limit=1, cursor=cursor)

    assert (response.status, response.body["errors"][0]["code"]) == (400, "not-a-cursor")


def test_a_result_that_there_is_not_is_refused(ada: User) -> None:
    response = ada.get(f"{asked(ada)}/rows", result="lost")

    assert response.status == 400
    assert "taken, already-there, refused, undone, kept" in response.body["errors"][0]["message"]


def test_an_import_is_undone_and_its_work_is_gone(world: World, ada: User) -> None:
    path = imported(world, ada, ROW)

    asked_to = post(ada, f"{path}/undo")
    work_off(world, ada, path)

    assert (asked_to.status, asked_to.headers["location"], asked_to.body["state"]) == (202, path, "undoing")
    assert ada.get(path).body["state"] == "undone"
    assert post(ada, f"{path}/undo").body == ada.get(path).body
    assert ada.get("/v1/work-entries").body["data"] == []
    assert [row["result"] for row in ada.get(f"{path}/rows").body["data"]] == ["undone"]


def test_an_import_with_invoiced_work_is_not_undone(world: World, ada: User) -> None:
    path = imported(world, ada, ROW)
    [entry] = ada.get("/v1/work-entries").body["data"]
    day = wiring.now().date()
    world.work.update(account_id=ada.account_id, work_id=entry["id"], change=lambda each: each.claimed(day))

    response = post(ada, f"{path}/undo")

    assert (response.status, response.body["type"].rpartition("/")[2]) == (409, "import-is-invoiced")
    assert response.body["detail"].startswith("1 entry stands on invoices")
    assert ada.get(path).body["state"] == "finished"


def test_imports_are_listed_the_newest_first(ada: User) -> None:
    paths = [asked(ada) for _ in range(3)]

    first = ada.get("/v1/imports", limit=2).body
    rest = ada.get("/v1/imports", limit=2, cursor=first["next_cursor"]).body

    listed = [f"/v1/imports/{each['id']}" for each in first["data"] + rest["data"]]
    assert listed == paths[::-1]
    assert "upload" not in first["data"][0]


def test_who_may_only_read_can_look_and_change_nothing() -> None:
    needed = {operation.route: operation.needs for operation in OPERATIONS}

    assert {route for route, scope in needed.items() if scope is Scope.READ} == {
        "GET /v1/imports",
        "GET /v1/imports/{id}",
        "GET /v1/imports/{id}/rows",
    }
    assert set(needed.values()) == {Scope.READ, Scope.WRITE}
