"""Who asks, as it travels: the header of a request ──authorizer──▶ the context of the request behind it."""

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from uuid import UUID

from domain.access import Caller, RefusedError, Scope
from domain.errors import WillNeverWorkError
from domain.identifiers import AccountId

_LONGEST = 8192
_BEARER = re.compile(r"(?i:bearer) +([\x21-\x7e]+)")


class NotSignedInError(WillNeverWorkError):
    """There is nobody whose account could be meant."""

    code = "not-signed-in"


def bearer(header: str) -> str:
    """What an `Authorization` header presents (RFC 6750).

    Raises:
        RefusedError: it is of another scheme, presents nothing, or more than anybody's token is.
    """
    if len(header) > _LONGEST:
        raise RefusedError("too-long")
    if not (found := _BEARER.fullmatch(header)):
        raise RefusedError("no-bearer-token")
    return found[1]


def context_of(caller: Caller) -> dict[str, str]:
    """The caller, as the gateway hands it over to the function behind."""
    told = {"account": caller.account_id, "scopes": " ".join(sorted(caller.scopes))}
    told |= {"email": caller.email} if caller.email else {}
    return told | ({"token": caller.token_id} if caller.token_id else {})


def caller_of(authorizer: Mapping[str, Any]) -> Caller:
    """Who asks, as `context_of` said it to the gateway.

    Raises:
        NotSignedInError: the authorizer let nobody through.
    """
    told = authorizer.get("lambda") or {}
    try:
        return Caller(
            account_id=AccountId(told["account"]),
            scopes=frozenset(map(Scope, told["scopes"].split())),
            email=told.get("email"),
            token_id=told.get("token"),
        )
    except (KeyError, ValueError) as error:
        raise NotSignedInError("the authorizer names no account; sign in again") from error


def account_of(claims: Mapping[str, Any]) -> AccountId:
    """The account of the user whose verified token has these *claims*: each user has one, by their `sub`.

    A `sub` that is a UUID, as Cognito's are, is the account's id; any other is hashed, its issuer with it.

    Raises:
        NotSignedInError: the claims name no user.
    """
    if not isinstance(subject := claims.get("sub"), str) or not subject:
        raise NotSignedInError("the token names no user; sign in again")
    if _is_uuid(subject):
        return AccountId(f"acc_{UUID(subject).hex}")
    named = f"{claims.get('iss', '')}\n{subject}"
    return AccountId(f"acc_{sha256(named.encode(errors='surrogatepass')).hexdigest()[:32]}")


def claims_in(token: str) -> Mapping[str, object]:
    """What a token says. Nothing is verified: only for tokens that come from the user pool itself."""
    payload = token.split(".")[1]
    claims: dict[str, object] = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims


def _is_uuid(text: str) -> bool:
    """Whether it is a UUID in its one usual form: two ways to write one would be two users of one account."""
    try:
        return text == str(UUID(text))
    except ValueError:
        return False
