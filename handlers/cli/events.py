"""`invoicely events`: changes are published once more, so that whoever missed them hears of them."""

from typing import Any

import click

from domain.errors import NotFoundError
from events.republishing import (
    Republished,
    republish_account,
    republish_client,
    republish_everything,
    republish_failures,
)
from handlers.cli.exits import Exit
from handlers.cli.finding import the_client
from handlers.cli.operating import Operator, operating
from handlers.cli.progress import Progress, counting
from handlers.cli.values import TEXT
from infrastructure import wiring
from infrastructure.dynamodb.stream import event_of
from infrastructure.s3 import FAILURES


@click.group(epilog="Example: invoicely events republish --client 'Acme GmbH'")
def command() -> None:
    """Publish changes once more."""


@command.command(
    short_help="Publish the current state once more, as events.",
    epilog="Example: invoicely events republish --from-failures aws/lambda/",
)
@click.option("--client", type=TEXT, help="Only this client, its work and its invoices, by name or id.")
@click.option("--everything", is_flag=True, help="Every account.")
@click.option(
    "--from-failures",
    "prefix",
    type=TEXT,
    is_flag=False,
    flag_value=FAILURES,
    metavar="[KEY]",
    help="What the stream gave up: the object KEY of the failures bucket, or all that begin so.",
)
@operating
def republish(operator: Operator, *, client: str | None, everything: bool, prefix: str | None) -> int:
    """Publish the current state of the account, or what is asked for, as events.

    Each has the id of the change that it tells of, so nothing is counted, numbered or mailed twice: only what
    got lost happens now. Stopped or not, it may be started again at any time.
    """
    if sum((client is not None, everything, prefix is not None)) > 1:
        raise click.UsageError("give one of --client, --everything and --from-failures")
    done = _failures(prefix) if prefix is not None else _states(operator, client, everything=everything)
    plain = {"records": done.records, "aside": done.aside, "unreadable": done.unreadable}
    operator.out.record(plain, *_lines(done))
    return Exit.PARTIAL if done.aside or done.unreadable else Exit.OK


def _states(operator: Operator, client: str | None, *, everything: bool) -> Republished:
    with counting("Publishing", total=None) as progress:
        ports = _ports(progress) | {"current": wiring.current()}
        if everything:
            return republish_everything(directory=wiring.directory(), **ports)
        account_id = operator.account()
        if client is None:
            return republish_account(account_id, **ports)
        return republish_client(the_client(client, account_id).id, account_id=account_id, **ports)


def _failures(prefix: str) -> Republished:
    failures = wiring.failure_records()
    if not (keys := failures.keys(prefix=prefix)):
        raise NotFoundError(f"nothing in the bucket of failures begins with {prefix}")
    with counting("Publishing", total=len(keys)) as progress:
        return republish_failures(keys, failures=failures, **_ports(progress))


def _ports(progress: Progress) -> dict[str, Any]:
    return {"read": event_of, "changes": wiring.changes(), "aside": wiring.aside(), "progress": progress}


def _lines(done: Republished) -> list[str]:
    told = [f"Published {done.records - done.aside} changes."]
    if done.aside:
        told.append(f"{done.aside} cannot be read as events; they lie in the queue unpublished.")
    return [*told, *(f"{key} holds no batch of the stream that Lambda gave up." for key in done.unreadable)]
