"""`invoicely serve`: the same API without the gateway, over the same table."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from infrastructure.local_cloud.cloud import LocalCloud
from tests.e2e.visitors import Visitor, fetched, signed_up

pytestmark = pytest.mark.e2e

ACCOUNT = {
    "name": "Sam Served",
    "email": "sam@example.com",
    "address": {"street": "Invalidenstrasse 1", "city": "Berlin", "country": "DE"},
    "currency": "EUR",
    "time_zone": "Europe/Berlin",
    "tax_id": "DE136695976",
}


@pytest.fixture(scope="module")
def served(deployed: LocalCloud) -> Iterator[str]:
    """The address at which the API is served by a process of its own."""
    command = [sys.executable, "-c", "from handlers.cli.main import main; main()", "serve", "--port", "0"]
    environment = os.environ | {"INVOICELY_HOME": str(deployed.mailbox.parent), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        told = server.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:[0-9]+", told)
        assert found, told
        yield found[0]
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=20) == 0


def test_what_is_done_behind_one_door_is_seen_behind_the_other(deployed: LocalCloud, served: str) -> None:
    gateway = signed_up(deployed, "sam@served.example")
    direct = Visitor(served, gateway.token)

    said = direct.put("/account", ACCOUNT)

    assert (said.status, said.headers["etag"]) == (200, '"1"')
    assert gateway.get("/account").body == said.body == direct.get("/account").body


@pytest.mark.parametrize("token", [None, "ey.not.valid"])
def test_the_authorizer_stands_before_it(deployed: LocalCloud, served: str, token: str | None) -> None:
    answers = [Visitor(url, token).get("/account") for url in (served, deployed.api_url)]

    assert [answer.status for answer in answers] == ([403, 403] if token else [401, 401])
    assert answers[0].body == answers[1].body


def test_anybody_may_read_how_it_is_used(served: str) -> None:
    page = fetched(f"{served}/docs")

    assert (page.status, b"OpenAPI" in page.body) == (200, True)
