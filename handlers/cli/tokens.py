"""`invoicely tokens`: what lets programs use the API for an account."""

import datetime as dt
from collections.abc import Sequence

import click

from domain.access import Scope
from domain.identifiers import known_token
from domain.paging import every
from domain.tokens import Token, TokenDetails, create_token, revoke_token
from handlers.cli.called import program
from handlers.cli.flagged import flagged
from handlers.cli.session import Session, acting
from handlers.cli.values import INSTANT, TEXT
from infrastructure import wiring
from infrastructure.views.instants import instant
from infrastructure.views.tokens import of_new_token, of_token


@click.group(epilog="Example: invoicely tokens list")
def command() -> None:
    """Make, list and revoke API tokens."""


@command.command(epilog="Example: invoicely tokens create --name laptop --scope read --scope write")
@click.option("--name", required=True, type=TEXT, help="What it is for.")
@click.option(
    "--scope",
    "scopes",
    required=True,
    multiple=True,
    type=click.Choice([scope.value for scope in Scope]),
    help="What it may do.",
)
@click.option("--expires-at", type=INSTANT, help="Until when it works; otherwise for 90 days.")
@acting
def create(session: Session, *, name: str, scopes: Sequence[str], expires_at: dt.datetime | None) -> None:
    """Make a token.

    Its secret is shown this once. Send it as the header "Authorization: Bearer …".
    """
    with flagged({"/name": "--name", "/scopes": "--scope", "/expires_at": "--expires-at"}):
        token, secret = create_token(
            TokenDetails(name=name, scopes=tuple(map(Scope, scopes)), expires_at=expires_at),
            account_id=session.account_id,
            tokens=wiring.tokens(),
            now=wiring.now(),
            new_id=wiring.new_id,
            new_secret=wiring.new_secret,
        )
    session.out.record(of_new_token(token, secret), *_lines(token), f"  {secret}")


@command.command("list", epilog="Example: invoicely tokens list --json")
@acting
def list_(session: Session) -> None:
    """List the tokens that work."""
    now, tokens = wiring.now(), wiring.tokens()
    found = [*every(lambda cursor: tokens.list(account_id=session.account_id, now=now, cursor=cursor))]
    session.out.table(
        [of_token(token) for token in found],
        *("Token", "Id", "Scopes", "Expires"),
        rows=((token.name, token.id, _scopes(token), instant(token.valid_until)) for token in found),
        empty=f"There are no tokens; {program()} tokens create makes one.",
    )


@command.command(epilog="Example: invoicely tokens revoke tok_06f3k9q2m4x7v1ta")
@click.argument("token")
@acting
def revoke(session: Session, *, token: str) -> None:
    """Let TOKEN, given by its id, open nothing any more.

    What a request said a few seconds ago may be believed a few seconds longer.
    """
    revoked = revoke_token(
        known_token(token), account_id=session.account_id, tokens=wiring.tokens(), now=wiring.now()
    )
    session.out.record(of_token(revoked), *_lines(revoked))


def _lines(token: Token) -> tuple[str, str]:
    ends = (
        f"revoked at {instant(token.revoked_at)}"
        if token.revoked_at
        else f"until {instant(token.valid_until)}"
    )
    return f"{token.name}  ({token.id})", f"  {_scopes(token)} · {ends}"


def _scopes(token: Token) -> str:
    return " ".join(token.scopes)
