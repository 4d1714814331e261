"""Every route, asked by Bob for Ada's things: the answer is the one he had before there were any."""

import datetime as dt
import json
from typing import Any, NamedTuple

import pytest

from domain.counters import Contribution, keep_counters
from domain.delivery import Document
from domain.identifiers import InvoiceId, import_id
from domain.imports import Format, begin_import
from domain.own_replays import ask_for_replay
from handlers.api.app import handler
from handlers.api.routes import OPERATIONS
from tests.builders import FAILED_AT, a_client, a_failure, a_token, a_work_entry, an_account
from tests.fakes import Store
from tests.gateway import User
from tests.world import World

ADA = User("7f9c2b1e-4d3a-4c5b-8e6f-0a1b2c3d4e5f")
CLIENT = "cli_acme000000000000"
WORK = "wrk_acme000000000000work000000000000"
INVOICE = InvoiceId("inv_acme00000000000020261031")
TOKEN = a_token().id
FAILURE = a_failure().id
JOB = "rpl_job0000000000000"
DUE = dt.date(2026, 10, 31)
NEW_CLIENT = {"name": "Bob", "account_id": ADA.account_id}
NEW_TOKEN = {"name": "Bob", "scopes": ["read"], "account_id": ADA.account_id}
IMPORT = import_id("1" * 16)
NEW_IMPORT = {"filename": "x.csv", "size": 1, "format": "toggl", "account_id": ADA.account_id}
NEW_WORK = {"client_id": CLIENT, "date": "2026-10-05", "description": "x", "minutes": 1}

BILL = {"until": "2026-10-05"}


class Attempt(NamedTuple):
    """A request that names Ada's things, and what Bob gets."""

    route: str
    status: int
    path: str
    body: dict[str, Any] | None = None
    query: dict[str, str | int] | None = None


ATTEMPTS = [
    Attempt("POST /v1/clients", 409, "/v1/clients", NEW_CLIENT),
    Attempt("GET /v1/clients", 200, "/v1/clients"),
    Attempt("GET /v1/clients", 400, "/v1/clients", query={"account_id": ADA.account_id}),
    Attempt("GET /v1/clients/{id}", 404, f"/v1/clients/{CLIENT}"),
    Attempt("PATCH /v1/clients/{id}", 404, f"/v1/clients/{CLIENT}", {"status": "archived"}),
    Attempt("POST /v1/work-entries", 404, "/v1/work-entries", NEW_WORK),
    Attempt("GET /v1/work-entries", 200, "/v1/work-entries"),
    Attempt("GET /v1/work-entries", 200, "/v1/work-entries", query={"client_id": CLIENT}),
    Attempt("GET /v1/work-entries", 200, "/v1/work-entries", query={"client_id": CLIENT, "billed": "false"}),
    Attempt("GET /v1/work-entries/{id}", 404, f"/v1/work-entries/{WORK}"),
    Attempt("PATCH /v1/work-entries/{id}", 404, f"/v1/work-entries/{WORK}", {"minutes": 1}),
    Attempt("DELETE /v1/work-entries/{id}", 404, f"/v1/work-entries/{WORK}"),
    Attempt("POST /v1/imports", 422, "/v1/imports", NEW_IMPORT),
    Attempt("GET /v1/imports", 200, "/v1/imports"),
    Attempt("GET /v1/imports/{id}", 404, f"/v1/imports/{IMPORT}"),
    Attempt("GET /v1/imports/{id}/rows", 404, f"/v1/imports/{IMPORT}/rows"),
    Attempt("POST /v1/imports/{id}/start", 404, f"/v1/imports/{IMPORT}/start"),
    Attempt("POST /v1/imports/{id}/undo", 404, f"/v1/imports/{IMPORT}/undo"),
    Attempt("GET /v1/invoices", 200, "/v1/invoices"),
    Attempt("GET /v1/invoices/{id}", 404, f"/v1/invoices/{INVOICE}"),
    Attempt("GET /v1/invoices/{id}/pdf", 404, f"/v1/invoices/{INVOICE}/pdf"),
    Attempt("GET /v1/invoices/{id}/lines", 404, f"/v1/invoices/{INVOICE}/lines"),
    Attempt("POST /v1/clients/{id}/invoices", 404, f"/v1/clients/{CLIENT}/invoices", BILL),
    Attempt("GET /v1/clients/{id}/invoice-preview", 404, f"/v1/clients/{CLIENT}/invoice-preview"),
    Attempt("GET /v1/counters", 200, "/v1/counters"),
    Attempt("POST /v1/tokens", 422, "/v1/tokens", NEW_TOKEN),
    Attempt("GET /v1/tokens", 200, "/v1/tokens"),
    Attempt("GET /v1/tokens/{id}", 404, f"/v1/tokens/{TOKEN}"),
    Attempt("DELETE /v1/tokens/{id}", 404, f"/v1/tokens/{TOKEN}"),
    Attempt("GET /v1/totals", 200, "/v1/totals"),
    Attempt("GET /v1/audit/numbering", 404, "/v1/audit/numbering"),
    Attempt("GET /v1/failures", 200, "/v1/failures"),
    Attempt("GET /v1/failures/{id}", 404, f"/v1/failures/{FAILURE}"),
    Attempt("POST /v1/failures/{id}/discard", 404, f"/v1/failures/{FAILURE}/discard", {"reason": "x"}),
    Attempt("POST /v1/failures/{id}/replay", 404, f"/v1/failures/{FAILURE}/replay"),
    Attempt("POST /v1/failures/replays", 200, "/v1/failures/replays", {"queue": "counters"}),
    Attempt("POST /v1/failures/replays", 409, "/v1/failures/replays", {"dry_run": False}),
    Attempt("GET /v1/failures/replays/{id}", 404, f"/v1/failures/replays/{JOB}"),
    Attempt("DELETE /v1/failures/replays/{id}", 404, f"/v1/failures/replays/{JOB}"),
    Attempt("GET /v1/account", 404, "/v1/account"),
    Attempt("PUT /v1/account", 422, "/v1/account", {"id": ADA.account_id}),
]
each_attempt = pytest.mark.parametrize(
    "attempt",
    ATTEMPTS,
    ids=lambda attempt: " by ".join((attempt.route, *(attempt.query or ()), *(attempt.body or ()))),
)


def answer_to(user: User, attempt: Attempt) -> dict[str, Any]:
    """What goes back to the gateway, byte for byte; the gateway gives each of our requests the same id."""
    method, _ = attempt.route.split()
    body = json.dumps(attempt.body) if attempt.body else None
    return handler(user.event(method, attempt.path, body, query=attempt.query), None)


def let_ada_work(world: World) -> None:
    """Give Ada everything that there is."""
    acme = a_client(account_id=ADA.account_id)
    entry = a_work_entry(client=acme)
    world.having(an_account(id=ADA.account_id), acme, entry)
    keep_counters([Contribution.of_work(entry)], counters=world.counters)
    world.tokens.add(token=a_token(account_id=ADA.account_id))
    begin_import(
        "october.csv",
        size=1,
        format_=Format.TOGGL,
        account_id=ADA.account_id,
        imports=world.imports,
        now=dt.datetime(2026, 10, 28, tzinfo=dt.UTC),
        new_id=lambda: "1" * 16,
    )
    world.tick(DUE)
    world.issue(INVOICE, client=acme, day=DUE)
    world.deliveries.update(
        account_id=ADA.account_id,
        invoice_id=INVOICE,
        change=lambda delivery: delivery.documented(Document(key="1.pdf", sha256="")),
    )
    let_something_fail(world)


def let_something_fail(world: World) -> None:
    """Give Ada a failure, and a replay of it."""
    failure = a_failure(account_id=ADA.account_id)
    stored = world.ledger.update(failure_id=failure.id, change=lambda _: failure)
    ask_for_replay(
        [stored],
        asked="all",
        account_id=ADA.account_id,
        jobs=world.replay_jobs,
        now=FAILED_AT,
        actor="account, signed in",
        new_id=lambda: JOB.removeprefix("rpl_"),
    )


def test_every_route_is_tried() -> None:
    assert {attempt.route for attempt in ATTEMPTS} == {each.route for each in OPERATIONS if each.needs}


@each_attempt
def test_the_things_of_another_account_are_as_if_there_were_none(
    world: World, bob: User, attempt: Attempt
) -> None:
    before = answer_to(bob, attempt)

    let_ada_work(world)

    assert answer_to(bob, attempt) == before
    assert before["statusCode"] == attempt.status


@each_attempt
def test_the_things_of_another_account_stay_as_they_are(
    store: Store, world: World, bob: User, attempt: Attempt
) -> None:
    let_ada_work(world)
    written = len(store.stream), dict(store.failures), dict(store.replays)

    answer_to(bob, attempt)

    assert (len(store.stream), store.failures, store.replays) == written


def test_their_owner_sees_them(world: World, ada: User) -> None:
    """The attempts above fail for whose they are, and not for what they ask."""
    let_ada_work(world)

    seen = {(attempt.route, attempt.path): answer_to(ada, attempt)["statusCode"] for attempt in ATTEMPTS}
    assert {key for key, status in seen.items() if status == 404} == set()


@pytest.mark.parametrize("header", ["x-account-id", "x-tenant", "account"])
def test_no_header_makes_one_somebody_else(world: World, bob: User, header: str) -> None:
    let_ada_work(world)
    event = bob.event("GET", f"/v1/clients/{CLIENT}")
    event["headers"][header] = ADA.account_id

    assert handler(event, None)["statusCode"] == 404
