"""Personal API tokens in the single table, by id; GSI1 lists those of an account that work.

The table forgets them `KEPT_DAYS` after they expired.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

from domain.errors import NotFoundError
from domain.identifiers import AccountId, TokenId
from domain.paging import Page
from domain.tokens import Token, Tokens
from infrastructure.dynamodb import keys
from infrastructure.dynamodb.entities import Entities
from infrastructure.dynamodb.table import Table

KEPT_DAYS = 30


class DynamoDBTokens:
    """Implements `domain.tokens.Tokens`."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._tokens = Entities(
            table, "TOKEN", Token, key=lambda token: keys.token(token.id), indexes=_indexes
        )

    def get(self, *, token_id: TokenId) -> Token:
        return self._tokens.get(keys.token(token_id), missing=_missing(token_id))

    def add(self, *, token: Token) -> None:
        self._tokens.add(token, taken=f"there is a token {token.id} already")

    def update(self, *, account_id: AccountId, token_id: TokenId, change: Callable[[Token], Token]) -> Token:
        def change_own(token: Token) -> Token:
            if token.account_id != account_id:
                raise NotFoundError(_missing(token_id))
            return change(token)

        return self._tokens.update(keys.token(token_id), change_own, missing=_missing(token_id))

    def list(
        self, *, account_id: AccountId, now: dt.datetime, limit: int = 100, cursor: str | None = None
    ) -> Page[Token]:
        found = self._table.query(
            "GSI1PK = :tokens AND GSI1SK > :now",
            {":tokens": keys.tokens_of_account(account_id), ":now": keys.expiring_after(now)},
            index="GSI1",
            limit=limit,
            cursor=cursor,
        )
        return Page(tuple(self._tokens.read(item) for item in found.items), found.cursor)


def _missing(token_id: TokenId) -> str:
    return f"there is no token {token_id}"


def _indexes(token: Token) -> dict[str, Any]:
    forgotten = token.valid_until + dt.timedelta(days=KEPT_DAYS)
    return {**keys.indexes_of_token(token), "expires_at": int(forgotten.timestamp())}


_: type[Tokens] = DynamoDBTokens  # the promise, checked by mypy
