"""A file as somebody uploads it: to a signed address, into work and counters, and out of them again."""

import json
import tomllib
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from infrastructure.local_cloud.cloud import LocalCloud
from tests.e2e.visitors import Visitor, eventually, signed_up

EXAMPLES = Path(__file__).parents[2] / "examples"
SHEET = (EXAMPLES / "toggl-october-2026.csv").read_bytes()
DETAILS = {"filename": "toggl-october-2026.csv", "size": len(SHEET), "format": "toggl"}

_direct = build_opener(ProxyHandler({}))


@pytest.fixture(scope="module")
def ada(deployed: LocalCloud) -> Visitor:
    visitor = signed_up(deployed, "imports@example.com")
    assert visitor.put("/account", said("account.toml")).status == 200
    for file in sorted(EXAMPLES.glob("clients/*.toml")):
        assert visitor.post("/clients", said(f"clients/{file.name}")).status == 201
    return visitor


def said(name: str) -> Any:
    """What an example says, as JSON has it."""
    told = tomllib.loads((EXAMPLES / name).read_text(encoding="utf-8"))
    return json.loads(json.dumps(told, default=str))


def put(upload: Any, content: bytes, **headers: str) -> int:
    """The status of a PUT to the signed address."""
    request = Request(upload["url"], content, upload["headers"] | headers, method="PUT")  # noqa: S310 - the local cloud's
    try:
        with _direct.open(request, timeout=30) as answer:
            return int(answer.status)
    except HTTPError as error:
        with error:
            return error.code


def ended(ada: Visitor, path: str, *states: str) -> Any:
    """The import, once it is in one of these states."""

    def look() -> Any:
        shown = ada.get(path).body
        return shown if shown["state"] in states else None

    return eventually(look)


def entries(ada: Visitor) -> int:
    return sum(each["total"]["entries"] for each in ada.get("/counters").body["data"])


def test_a_file_is_uploaded_imported_counted_and_undone(ada: Visitor) -> None:
    asked = ada.post("/imports", DETAILS)
    path = f"/imports/{asked.body['id']}"
    early = ada.ask("POST", f"{path}/start")
    assert put(asked.body["upload"], SHEET) == 200
    started = ada.ask("POST", f"{path}/start")

    imported = ended(ada, path, "finished", "failed")
    taken = imported["counts"]["taken"]
    counted = eventually(lambda: entries(ada) == taken)
    refused = ada.get(f"{path}/rows?result=refused").body["data"]
    undoing = ada.ask("POST", f"{path}/undo")
    undone = ended(ada, path, "undone")

    assert (early.status, early.body["type"].rpartition("/")[2]) == (409, "nothing-uploaded")
    assert (started.status, started.headers["location"]) == (202, f"/v1{path}")
    assert (imported["state"], refused, counted) == ("finished", [], True)
    assert taken > 200
    assert (undoing.status, undone["counts"]["undone"]) == (202, taken)
    assert eventually(lambda: entries(ada) == 0)


def test_an_address_takes_no_other_size_no_other_type_and_no_other_name(ada: Visitor) -> None:
    upload = ada.post("/imports", DETAILS | {"size": 3}).body["upload"]

    assert put(upload, b"1234", **{"Content-Length": "4"}) == 403
    assert put(upload, b"123", **{"Content-Type": "text/html"}) == 403
    assert put(upload | {"url": upload["url"].replace("/imp_", "/imp_0")}, b"123") == 403
