"""`invoicely counters verify` and `rebuild`: whether counters are what they count, and making them so."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import click

from domain.audit import verify_counters
from domain.clients import Client
from domain.identifiers import ClientId
from domain.proof import Proof
from domain.repair import Rebuilt, rebuild_counter
from handlers.cli.called import program
from handlers.cli.finding import all_clients, the_client
from handlers.cli.output import printable
from handlers.cli.progress import counting
from handlers.cli.session import Session, acting
from handlers.cli.values import TEXT
from infrastructure import wiring
from infrastructure.views.audit import of_proof


@click.command(epilog="Example: invoicely counters verify --json")
@click.option("--client", type=TEXT, help="Only of this client, by name or id.")
@acting
def verify(session: Session, *, client: str | None) -> int:
    """Count all work and invoices anew, and compare.

    Changes nothing. What was written within the last hour and is not counted yet is pending and no fault.
    Leaves with 1 where a counter is wrong.
    """
    clients = [each.id for each in _clients(session, client)]
    proof = verify_counters(clients, account_id=session.account_id, now=wiring.now(), books=wiring.books())
    session.out.record(of_proof(proof), *_proven(proof))
    return int(bool(proof.findings or proof.failed))


@click.command(epilog="Example: invoicely counters rebuild --client 'Acme GmbH'")
@click.option("--client", type=TEXT, help="Only of this client, by name or id.")
@acting
def rebuild(session: Session, *, client: str | None) -> int:
    """Make the counters what work and invoices add up to.

    Safe while work is logged and counted. What is right already stays untouched. Leaves with 1 where it
    failed on a client; the others are rebuilt all the same.
    """
    rebuilt, failed = _rebuild_each(_clients(session, client))
    changed = [each for each in rebuilt if each]
    plain = {
        "clients": len(rebuilt),
        "rebuilt": changed,
        "failed": [{"id": client_id, "error": error} for client_id, error in failed.items()],
    }
    told = (printable(f"{client_id} could not be rebuilt: {error}.") for client_id, error in failed.items())
    session.out.record(plain, *_done(changed, len(rebuilt)), *told)
    return int(bool(failed))


def _rebuild_each(clients: Sequence[Client]) -> tuple[Sequence[Rebuilt], Mapping[ClientId, str]]:
    """What was done, and the clients that it failed on, with the error."""
    rebuilt, failed = list[Rebuilt](), dict[ClientId, str]()
    with counting("Rebuilding", total=len(clients)) as progress:
        for done, each in enumerate(clients, start=1):
            try:
                rebuilt.append(_rebuild(each))
            except Exception as error:  # noqa: BLE001 - told; one client must not hold up the others
                failed[each.id] = f"{type(error).__name__}: {error}"
            progress(done)
    return rebuilt, failed


def _rebuild(client: Client) -> Rebuilt:
    return rebuild_counter(
        client.id,
        account_id=client.account_id,
        records=wiring.records(),
        counters=wiring.counters(),
        resetting=wiring.resetting(),
    )


def _clients(session: Session, said: str | None) -> list[Client]:
    return all_clients(session.account_id) if said is None else [the_client(said, session.account_id)]


def _proven(proof: Proof) -> Iterator[str]:
    counted = f"{proof.entries} work entries and {proof.invoices} invoices of {proof.clients} clients"
    yield f"Counted anew: {counted}."
    if proof.pending:
        yield f"{proof.pending} were written within the last hour and are still on their way."
    if proof.failing:
        yield f"{proof.failing} wait in the failure ledger."
    yield from (
        f"{each.code}: {each.told.replace('invoicely ', f'{program()} ')}." for each in proof.findings
    )
    yield from (f"{entity} could not be verified: {error}." for entity, error in proof.failed)
    if not (proof.findings or proof.failed):
        yield "The counters are right."


def _done(changed: Iterable[Rebuilt], clients: int) -> Iterator[str]:
    nothing = True
    for each in changed:
        nothing = False
        told = [
            f"{each.counted} counted late" if each.counted else "",
            f"{each.corrected} put right" if each.corrected else "",
            f"set {', '.join(each.months)}" if each.months else "",
        ]
        yield f"{each.client_id}: {', '.join(filter(None, told))}."
    if nothing and clients:
        yield f"The counters of {clients} clients were right already; nothing is changed."
