"""Personal API tokens: a program acts for an account, within scopes, until they expire or are revoked.

    create ──▶ ivp_<16 characters of the id>_<43 of chance>, shown once ──presented──▶ looked up ──▶ Caller

What is stored is the SHA-256 of it. It holds 256 bits of chance, so nobody can try them out: a slow hash,
which protects what people choose, would only slow down every request.
"""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from hmac import compare_digest
from typing import Protocol

from domain import checks
from domain.access import Caller, RefusedError, Scope
from domain.errors import ConflictError, InvalidError, NotFoundError, Problem
from domain.identifiers import AccountId, TokenId
from domain.paging import Page

PREFIX = "ivp_"
MOST_TOKENS = 50
"""How many of an account's tokens may work at one time."""

MOST_DAYS = 366
USUAL_DAYS = 90
_LONGEST_NAME = 100
_SECRET = re.compile(r"ivp_([0-9a-z]{16})_[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenDetails:
    """What a person says about a token; without `expires_at` it works for 90 days."""

    name: str
    scopes: tuple[Scope, ...]
    expires_at: dt.datetime | None = None

    def __post_init__(self) -> None:
        checks.require(
            checks.text("name", self.name, longest=_LONGEST_NAME),
            checks.that(
                self.scopes and len(set(self.scopes)) == len(self.scopes),
                "scopes",
                code="not-scopes",
                message=f"must be some of {', '.join(Scope)}, each once",
            ),
            checks.that(
                self.expires_at is None or self.expires_at.tzinfo is not None,
                "expires_at",
                code="no-offset",
                message="must be an instant with its offset, such as 2026-10-31T08:00:00Z",
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token as stored: everything but its secret. It works before `valid_until`, a whole second."""

    id: TokenId
    account_id: AccountId
    name: str
    scopes: tuple[Scope, ...]
    digest: str
    created_at: dt.datetime
    valid_until: dt.datetime
    revoked_at: dt.datetime | None = None
    version: int = 1

    def refusal(self, secret: str, now: dt.datetime) -> str | None:
        """Why this *secret* opens nothing now; None where it does."""
        if not compare_digest(self.digest, _digest(secret)):  # takes as long wherever they differ
            return "wrong-secret"
        if self.revoked_at is not None:
            return "revoked-token"
        return "expired-token" if self.valid_until <= now else None

    def revoked(self, now: dt.datetime) -> "Token":
        """The token, which opens nothing any more."""
        return self if self.revoked_at else replace(self, revoked_at=now)

    def caller(self) -> Caller:
        """Who asks with it."""
        return Caller(account_id=self.account_id, scopes=frozenset(self.scopes), token_id=self.id)


class TooManyTokensError(ConflictError):
    """The account has as many tokens as it may have."""

    code = "too-many-tokens"


class Tokens(Protocol):
    """The tokens, by id; each of them belongs to an account."""

    def get(self, *, token_id: TokenId) -> Token:
        """The token as of now, whoever's it is; raise `NotFoundError` where there is none."""
        ...

    def add(self, *, token: Token) -> None:
        """Raise `ConflictError` where there is one with its id."""
        ...

    def update(self, *, account_id: AccountId, token_id: TokenId, change: Callable[[Token], Token]) -> Token:
        """Store what *change* makes of the token, one version later; it runs again after a lost race.

        Raises:
            NotFoundError: this account has no such token.
        """
        ...

    def list(
        self, *, account_id: AccountId, now: dt.datetime, limit: int = 100, cursor: str | None = None
    ) -> Page[Token]:
        """The account's tokens that work *now*, those first that expire first; the newest may be missing."""
        ...


def create_token(
    details: TokenDetails,
    *,
    account_id: AccountId,
    tokens: Tokens,
    now: dt.datetime,
    new_id: Callable[[], str],
    new_secret: Callable[[], str],
) -> tuple[Token, str]:
    """Make a token, and hand out its secret this once; *new_secret* gives 43 characters of chance.

    Of several that are made at once, a few may come on top of `MOST_TOKENS`. A new id is taken only where the
    same request was begun before; then that token gets another secret, for nobody has seen the one it had.

    Raises:
        InvalidError: it would expire at once, or in more than `MOST_DAYS` days.
        TooManyTokensError: the account has `MOST_TOKENS` of them.
    """
    valid_until = _expiry(details, now)
    if len(tokens.list(account_id=account_id, now=now, limit=MOST_TOKENS).items) >= MOST_TOKENS:
        raise TooManyTokensError(f"there are {MOST_TOKENS} tokens; revoke one that is not needed any more")
    body = new_id()
    secret = f"{PREFIX}{body}_{new_secret()}"
    token = Token(
        id=TokenId(f"tok_{body}"),
        account_id=account_id,
        name=details.name,
        scopes=tuple(scope for scope in Scope if scope in details.scopes),
        digest=_digest(secret),
        created_at=now.replace(microsecond=0),
        valid_until=valid_until,
    )
    try:
        tokens.add(token=token)
    except ConflictError:
        token = tokens.update(
            account_id=account_id,
            token_id=token.id,
            change=lambda begun: replace(begun, digest=_digest(secret)),
        )
    return token, secret


def find_token(token_id: TokenId, *, account_id: AccountId, tokens: Tokens) -> Token:
    """A token of the account, whether it works or not; raise `NotFoundError` where it has no such token."""
    token = tokens.get(token_id=token_id)
    if token.account_id != account_id:
        raise NotFoundError(f"there is no token {token_id}")
    return token


def revoke_token(token_id: TokenId, *, account_id: AccountId, tokens: Tokens, now: dt.datetime) -> Token:
    """Let a token open nothing any more; saying so twice changes nothing more.

    Raises:
        NotFoundError: this account has no such token.
    """
    return tokens.update(account_id=account_id, token_id=token_id, change=lambda token: token.revoked(now))


def authenticate(secret: str, *, tokens: Tokens, now: dt.datetime) -> Caller:
    """Who presents this *secret*.

    Raises:
        RefusedError: nobody does, or not any more.
    """
    if not (found := _SECRET.fullmatch(secret)):
        raise RefusedError("malformed-token")
    try:
        token = tokens.get(token_id=TokenId(f"tok_{found[1]}"))
    except NotFoundError as error:
        raise RefusedError("unknown-token") from error
    if reason := token.refusal(secret, now):
        raise RefusedError(reason)
    return token.caller()


def _expiry(details: TokenDetails, now: dt.datetime) -> dt.datetime:
    expires_at = details.expires_at or now + dt.timedelta(days=USUAL_DAYS)
    if not now < expires_at <= now + dt.timedelta(days=MOST_DAYS):
        told = f"must be later than now, and at most {MOST_DAYS} days ahead"
        raise InvalidError(Problem("/expires_at", "out-of-range", told))
    return expires_at.astimezone(dt.UTC).replace(microsecond=0)


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
