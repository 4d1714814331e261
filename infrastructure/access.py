"""Who is signed in, and which account that is."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from domain.access import Caller
from domain.errors import WillNeverWorkError
from domain.identifiers import AccountId


class NotSignedInError(WillNeverWorkError):
    """There is nobody whose account could be meant."""

    code = "not-signed-in"


def account_of(claims: Mapping[str, object]) -> AccountId:
    """The account of the user whose verified token has these *claims*: each user has one, by their `sub`.

    Raises:
        NotSignedInError: the claims name no user of the pool.
    """
    try:
        return AccountId(f"acc_{UUID(str(claims['sub'])).hex}")
    except (KeyError, ValueError) as error:
        raise NotSignedInError("the token names no user; sign in again") from error


def caller_of(authorizer: Mapping[str, Any]) -> Caller:
    """Who asks, as the gateway's authorizer says.

    Raises:
        NotSignedInError: it let nobody through.
    """
    claims = authorizer.get("jwt", {}).get("claims", {})
    return Caller(account_id=account_of(claims), email=claims.get("email"))


def claims_in(token: str) -> Mapping[str, object]:
    """What a token says. Nothing is verified: only for tokens that come from the user pool itself."""
    payload = token.split(".")[1]
    claims: dict[str, object] = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims
