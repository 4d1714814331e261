"""What is shown of a personal API token."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from domain.access import Scope
from domain.identifiers import TokenId
from domain.tokens import Token


@dataclass(frozen=True, kw_only=True)
class TokenView:
    """A personal API token without its secret, which nobody knows; it works until it ends or is revoked."""

    id: TokenId
    name: str
    scopes: tuple[Scope, ...]
    created_at: dt.datetime
    expires_at: dt.datetime
    revoked_at: dt.datetime | None = None


@dataclass(frozen=True, kw_only=True)
class NewTokenView(TokenView):
    """A token that was just made, with the `secret` that is sent as `Authorization: Bearer`: keep it now.

    Where an Idempotency-Key brings this answer again, the secret is left out, for it is kept nowhere.
    """

    secret: str | None = None


def of_token(token: Token) -> TokenView:
    return TokenView(**_token(token))


def of_new_token(token: Token, secret: str) -> NewTokenView:
    return NewTokenView(**_token(token), secret=secret)


def _token(token: Token) -> dict[str, Any]:
    told = {name: getattr(token, name) for name in ("id", "name", "scopes", "created_at", "revoked_at")}
    return told | {"expires_at": token.valid_until}
