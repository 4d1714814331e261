import datetime as dt
from dataclasses import replace

import pytest

from domain.errors import ConflictError, NotFoundError
from domain.identifiers import TokenId
from domain.tokens import Token, Tokens
from infrastructure.dynamodb import keys
from tests import data_stack
from tests.builders import ADA, BOB, a_token
from tests.contract.watched import Watched
from tests.world import World

NOW = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def tokens(world: World) -> Tokens:
    return world.tokens


def revoked(token: Token) -> Token:
    return token.revoked(NOW)


def test_a_token_comes_back_as_it_was_stored(tokens: Tokens) -> None:
    tokens.add(token=a_token())

    assert tokens.get(token_id=a_token().id) == a_token()


def test_a_token_that_is_not_there_is_not_found(tokens: Tokens) -> None:
    tokens.add(token=a_token())

    with pytest.raises(NotFoundError):
        tokens.get(token_id=a_token(2).id)
    with pytest.raises(NotFoundError):
        tokens.update(account_id=ADA, token_id=a_token(2).id, change=revoked)


def test_a_token_takes_the_place_of_no_other(tokens: Tokens) -> None:
    tokens.add(token=a_token())

    with pytest.raises(ConflictError):
        tokens.add(token=a_token(account_id=BOB))

    assert tokens.get(token_id=a_token().id) == a_token()


def test_a_change_is_the_next_version(tokens: Tokens) -> None:
    tokens.add(token=a_token())

    updated = tokens.update(account_id=ADA, token_id=a_token().id, change=revoked)

    assert updated == a_token(revoked_at=NOW, version=2)
    assert tokens.get(token_id=a_token().id) == updated


def test_a_token_of_another_account_is_as_one_that_is_not_there(tokens: Tokens) -> None:
    tokens.add(token=a_token())

    with pytest.raises(NotFoundError) as of_another:
        tokens.update(account_id=BOB, token_id=a_token().id, change=revoked)
    with pytest.raises(NotFoundError) as of_nobody:
        tokens.update(account_id=BOB, token_id=TokenId("tok_nobody0000000000"), change=revoked)

    assert str(of_another.value).replace(a_token().id, "") == str(of_nobody.value).replace(
        "tok_nobody0000000000", ""
    )
    assert tokens.get(token_id=a_token().id) == a_token()


def test_a_change_runs_again_when_somebody_else_wrote_in_between(tokens: Tokens) -> None:
    tokens.add(token=a_token())
    seen: list[str] = []

    def renamed(token: Token) -> Token:
        seen.append(token.name)
        if len(seen) == 1:
            tokens.update(account_id=ADA, token_id=token.id, change=revoked)
        return replace(token, name="Desktop")

    updated = tokens.update(account_id=ADA, token_id=a_token().id, change=renamed)

    assert len(seen) == 2
    assert updated == a_token(name="Desktop", revoked_at=NOW, version=3)


def test_an_account_lists_its_own_tokens_and_those_first_that_expire_first(tokens: Tokens) -> None:
    later, sooner = a_token(1), a_token(2, valid_until=NOW + 2 * SECOND)
    for token in (later, sooner, a_token(3, account_id=BOB)):
        tokens.add(token=token)

    assert tokens.list(account_id=ADA, now=NOW).items == (sooner, later)


def test_a_token_is_listed_until_the_second_in_which_it_expires(tokens: Tokens) -> None:
    tokens.add(token=a_token(valid_until=NOW))

    moments = [NOW - SECOND / 1000, NOW, NOW + SECOND / 2]

    assert [len(tokens.list(account_id=ADA, now=now).items) for now in moments] == [1, 0, 0]


def test_a_revoked_token_is_listed_no_more(tokens: Tokens) -> None:
    tokens.add(token=a_token())
    tokens.update(account_id=ADA, token_id=a_token().id, change=revoked)

    assert tokens.list(account_id=ADA, now=NOW).items == ()


def test_tokens_are_listed_page_by_page(tokens: Tokens) -> None:
    all_of_them = tuple(a_token(number) for number in range(5))
    for token in all_of_them:
        tokens.add(token=token)

    first = tokens.list(account_id=ADA, now=NOW, limit=3)
    second = tokens.list(account_id=ADA, now=NOW, limit=3, cursor=first.next_cursor)

    assert first.items + second.items == all_of_them
    assert second.next_cursor is None


def test_the_table_forgets_a_token_a_month_after_it_expired(dynamodb: World, watched: Watched) -> None:
    dynamodb.tokens.add(token=a_token())

    item = data_stack.client("dynamodb").get_item(
        TableName=data_stack.TABLE, Key={name: {"S": key} for name, key in keys.token(a_token().id).items()}
    )["Item"]

    forgotten = a_token().valid_until + dt.timedelta(days=30)
    assert item["expires_at"] == {"N": str(int(forgotten.timestamp()))}
    assert item["valid_until"] == {"S": "2026-12-31T00:00:00Z"}
