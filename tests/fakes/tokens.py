"""Personal API tokens in memory."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

from domain.errors import ConflictError, NotFoundError
from domain.identifiers import AccountId, TokenId
from domain.paging import Page
from domain.tokens import Token, Tokens
from tests.fakes.paging import page
from tests.fakes.store import Store


class InMemoryTokens:
    """Implements `domain.tokens.Tokens`."""

    def __init__(self, store: Store | None = None) -> None:
        self._store = store or Store()

    def __len__(self) -> int:
        return len(self._store.tokens)

    def get(self, *, token_id: TokenId) -> Token:
        with self._store.call("tokens.get"):
            return self._found(token_id)

    def add(self, *, token: Token) -> None:
        with self._store.call("tokens.add", commits=True):
            if token.id in self._store.tokens:
                raise ConflictError(f"there is a token {token.id} already")
            self._store.tokens[token.id] = token

    def update(self, *, account_id: AccountId, token_id: TokenId, change: Callable[[Token], Token]) -> Token:
        while True:
            before = self.get(token_id=token_id)
            if before.account_id != account_id:
                raise NotFoundError(f"there is no token {token_id}")
            if (after := change(before)) == before:
                return before
            with self._store.call("tokens.update", commits=True):
                if self._store.tokens[token_id] == before:
                    self._store.tokens[token_id] = replace(after, version=before.version + 1)
                    return self._store.tokens[token_id]

    def list(
        self, *, account_id: AccountId, now: dt.datetime, limit: int = 100, cursor: str | None = None
    ) -> Page[Token]:
        with self._store.call("tokens.list"):
            own = [token for token in self._store.tokens.values() if token.account_id == account_id]
        working = [token for token in own if not token.revoked_at and token.valid_until > now]
        return page(
            working,
            by=lambda token: f"{token.valid_until.isoformat()}#{token.id}",
            limit=limit,
            cursor=cursor,
        )

    def _found(self, token_id: TokenId) -> Token:
        if token_id not in self._store.tokens:
            raise NotFoundError(f"there is no token {token_id}")
        return self._store.tokens[token_id]


_: type[Tokens] = InMemoryTokens
