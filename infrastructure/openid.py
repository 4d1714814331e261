"""Who signed in: what a token of the OpenID Connect issuer says, once it is proven that the issuer said it.

The rules are those of RFC 8725: one algorithm for each key, the key is the issuer's and never the token's
own, and every claim that decides something is there and compared exactly.
"""

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import jwt
from jwt import exceptions

from domain import checks
from domain.access import Caller, RefusedError
from infrastructure.access import account_of
from infrastructure.key_sets import ALGORITHMS, KeySet

SKEW_SECONDS = 60

_COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+")
_USES = {None, "id", "access"}  # what Cognito calls the kinds of its tokens; a refresh token opens nothing
_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (exceptions.ExpiredSignatureError, "expired"),
    (exceptions.ImmatureSignatureError, "not-yet-valid"),
    (exceptions.InvalidIssuerError, "wrong-issuer"),
    (exceptions.InvalidSignatureError, "wrong-signature"),
    (exceptions.InvalidAlgorithmError, "wrong-algorithm"),
    (exceptions.MissingRequiredClaimError, "missing-claim"),
    (exceptions.PyJWTError, "malformed-token"),
)

Claims = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIns:
    """The sign-ins at one *issuer* for one *audience*, which signs with *keys*."""

    issuer: str
    audience: str
    keys: KeySet

    def caller(self, token: str) -> Caller:
        """Who signed in, and may do everything.

        Raises:
            RefusedError: the issuer did not say this, not to us, or not now.
            KeysUnavailableError: nobody knows, for the issuer's keys cannot be fetched.
        """
        claims = self._verified(token)
        if not self._is_audience(claims):
            raise RefusedError("wrong-audience")
        if claims.get("token_use") not in _USES:
            raise RefusedError("wrong-use")
        if not claims["sub"]:
            raise RefusedError("missing-claim")
        return Caller(account_id=account_of(claims), email=_email(claims))

    def _verified(self, token: str) -> Claims:
        key = self._key(_header(token))
        try:
            return jwt.decode(
                token,
                key,
                algorithms=[key.algorithm_name],
                issuer=self.issuer,
                leeway=SKEW_SECONDS,
                options={"require": ["exp", "iss", "sub"], "verify_aud": False},
            )
        except exceptions.PyJWTError as error:
            reason = next(reason for kind, reason in _REASONS if isinstance(error, kind))
            raise RefusedError(reason) from error

    def _key(self, header: Claims) -> jwt.PyJWK:
        """The issuer's key that the header names; what else it says of keys is not looked at."""
        if header.get("alg") not in ALGORITHMS:
            raise RefusedError("wrong-algorithm")
        if {"crit", "b64"} & header.keys():  # "must be understood": RFC 7515, section 4.1.11
            raise RefusedError("critical-header")
        key_id = header.get("kid")
        if not isinstance(key_id, str) or (key := self.keys.find(key_id)) is None:
            raise RefusedError("unknown-key")
        return key

    def _is_audience(self, claims: Claims) -> bool:
        """Whether it was said to us; Cognito's access tokens have no `aud` and name the client instead."""
        if "aud" not in claims:
            return bool(claims.get("client_id") == self.audience)
        named = claims["aud"]
        return self.audience in (named if isinstance(named, list) else [named])


def _header(token: str) -> Claims:
    """The header of a token, whose both objects have no name twice: who reads the first and who the last?"""
    if not (found := _COMPACT.fullmatch(token)):
        raise RefusedError("malformed-token")
    header, _ = (_object(part) for part in found.groups())
    return header


def _object(part: str) -> Claims:
    try:
        plain = json.loads(
            urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode(),
            object_pairs_hook=_unique,
            parse_constant=_refuse,
        )
    except (ValueError, RecursionError) as error:
        raise RefusedError("malformed-token") from error
    if not isinstance(plain, dict):
        raise RefusedError("malformed-token")
    return plain


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(found := dict(pairs)) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a number of JSON")


def _email(claims: Claims) -> str | None:
    """The address, where it is one and the issuer does not say that nobody has proven it."""
    email = claims.get("email")
    if not isinstance(email, str) or str(claims.get("email_verified", True)).lower() == "false":
        return None
    return None if any(checks.email("email", email)) else email
