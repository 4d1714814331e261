"""What can be followed through the pipeline, and what must not be seen on the way."""

import json

import pytest
from botocore.exceptions import ReadTimeoutError

from tests.aws_events import Json
from tests.gateway import REQUEST_ID
from tests.logs import Log
from tests.pipeline.cloud import Cloud
from tests.pipeline.conftest import Clock
from tests.pipeline.people import ADA, BOB, a_client_of, add_client, log_work, open_account
from tests.pipeline.stored import items, mails

pytestmark = pytest.mark.usefixtures("_topic_and_mail")

SECRETS = {
    "name": "Canary Lovelace",
    "email": "canary@secret.example",
    "tax_id": "CANARY-TAX-7",
}
ADDRESS = {"street": "Canary Wharf 7", "postal_code": "C4N4RY", "city": "Canaryville", "country": "GB"}
BANK = {"holder": "Canary Holder", "account_number": "CANARY-0007", "bank_code": "CANARYXX"}
RATE, AMOUNT = "4321.87", "648281"  # of 90 minutes, in minor units


def test_a_request_is_named_in_the_log_of_what_counts_it(log: Log) -> None:
    cloud = Cloud()
    log_work(ADA, a_client_of(ADA))

    cloud.run()

    assert [line["correlation_ids"] for line in of("batch done", log)] == [[REQUEST_ID]]
    assert all(item["correlation_id"] == REQUEST_ID for item in items("WORK"))


def test_a_tick_is_named_in_the_log_of_the_mail_that_it_led_to(clock: Clock, log: Log) -> None:
    cloud = Cloud()
    log_work(ADA, a_client_of(ADA))
    cloud.run()
    before = len(log.lines)

    cloud.tick(clock.now)
    cloud.run()

    ids = [line["correlation_ids"] for line in of("batch done", log, behind=before)]
    assert ids == [["tick-20261031T080500Z"]] * 3  # issued, counted, mailed
    for kind in ("CLIENT", "INVOICE", "WORK", "DELIVERY"):
        assert [item["correlation_id"] for item in items(kind)] == ["tick-20261031T080500Z"]


def test_what_failed_is_named_with_the_request_that_it_was_for(clock: Clock, log: Log) -> None:
    cloud = Cloud(after=lose_mails)
    log_work(ADA, a_client_of(ADA))

    cloud.tick(clock.now)
    cloud.run()

    first = next(line for line in of("batch done", log) if line["failed"])
    assert first["correlation_ids"] == ["tick-20261031T080500Z"]
    assert first["failed"][0]["error"] == "MailUncertainError"
    assert first["failed"][0]["at"].startswith("infrastructure.ses:")


@pytest.mark.parametrize("goes_wrong", [False, True])
def test_no_log_holds_a_name_an_address_or_an_amount(clock: Clock, log: Log, goes_wrong: bool) -> None:
    cloud = Cloud(after=lose_mails if goes_wrong else lambda _: None)
    open_account(ADA, **SECRETS, address=ADDRESS, bank=BANK)
    secret = add_client(ADA, **SECRETS, address=ADDRESS, hourly_rate=RATE)
    entry = log_work(
        ADA, secret, description="Canary work", project="Canary project", tags=["canary"], minutes=90
    )
    cloud.run()
    cloud.tick(clock.now)
    if goes_wrong:
        misuse(cloud, secret, entry)
    cloud.run()

    stored = json.dumps([items(kind) for kind in ("ACCOUNT", "CLIENT", "WORK", "INVOICE")])
    assert len(mails()) == 1
    assert AMOUNT in stored
    assert "canary" in stored.casefold()
    for canary in ("canary", "c4n4ry", RATE, RATE.replace(".", ""), AMOUNT, "6482.81", "6,482.81"):
        assert canary not in log.text.casefold()


def misuse(cloud: Cloud, client: str, entry: str) -> None:
    """Make every kind of mistake, with something in it that must not be logged."""
    for queue in cloud.queues.values():
        queue.put("Canary, which is not JSON")
        queue.put('{"type": "invoicely.work.logged.v2", "data": "Canary"}')
        queue.put(an_event({"description": "Canary\x00", "id": entry}))
        queue.put(an_event({"id": "inv_canary", "account_id": ADA.account_id, "seller": "Canary"}))
    for path in ("/v1/clients/canary", f"/v1/clients/{client}/canary", "/v1/work-entries/canary"):
        BOB.get(path)
        BOB.patch(path, {"name": "Canary"})
    ADA.post("/v1/clients", SECRETS | {"hourly_rate": "canary", "canary": "Canary"})
    ADA.put("/v1/account", SECRETS | {"time_zone": "Canary/Islands"})
    ADA.post("/v1/work-entries", {"client_id": "cli_canary", "description": "Canary"})
    ADA.patch(f"/v1/work-entries/{entry}", {"minutes": -1, "description": "Canary\x00"})
    ADA.ask("POST", "/v1/clients", '{"name": "Canary')


def an_event(data: Json) -> str:
    told = dict.fromkeys(("id", "subject", "time", "account"), "x")
    return json.dumps(told | {"type": "invoicely.invoice.opened.v1", "entityversion": 1, "data": data})


def lose_mails(operation: str) -> None:
    if operation == "SendRawEmail":
        raise ReadTimeoutError(endpoint_url="https://email.eu-west-1.amazonaws.com/?canary")


def of(message: str, log: Log, *, behind: int = 0) -> list[Json]:
    return [line for line in log.lines[behind:] if line["message"] == message]
