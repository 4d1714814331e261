"""The table's own promises: whole reads, cursors that stay in their partition, tokens, repetition."""

import datetime as dt
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from domain.errors import InvalidError
from infrastructure.context import correlation
from infrastructure.dynamodb.errors import LostConditionError, StoreConflictError, StoreUnavailableError
from infrastructure.dynamodb.table import Action, Table
from infrastructure.retrying import without_waiting

NOON = dt.datetime(2026, 10, 31, 12, tzinfo=dt.UTC)
MINE = {":work": "ACCOUNT#acc_ada#WORK", ":since": "2026-10-01#"}
LAST = {
    "PK": {"S": "ACCOUNT#acc_ada#CLIENT#c"},
    "SK": {"S": "WORK#w"},
    "GSI1PK": {"S": "ACCOUNT#acc_ada#WORK"},
    "GSI1SK": {"S": "2026-10-05#w"},
}

Answers = dict[str, Any] | Exception


class Client:
    """Speaks as DynamoDB's client does: with one answer after the other."""

    def __init__(self, *answers: Answers) -> None:
        self.asked: list[dict[str, Any]] = []
        self._answers = list(answers)

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def answer(**arguments: Any) -> Any:
            self.asked.append(arguments)
            match self._answers.pop(0):
                case Exception() as error:
                    raise error
                case found:
                    return found

        return answer


def encoded(plain: str) -> str:
    return urlsafe_b64encode(plain.encode()).decode().rstrip("=")


@pytest.fixture(autouse=True)
def _at_once() -> Iterator[None]:
    with without_waiting():
        yield


def test_a_page_goes_on_where_the_one_before_ended() -> None:
    client = Client({"Items": [], "LastEvaluatedKey": LAST}, {"Items": []})
    table = a_table(client)

    first = table.query("GSI1PK = :work", MINE, index="GSI1", limit=2)
    second = table.query("GSI1PK = :work", MINE, index="GSI1", limit=2, cursor=first.cursor)

    assert client.asked[1]["ExclusiveStartKey"] == LAST
    assert second.cursor is None


NOT_CURSORS = {
    "half of one": "x",
    "not base64": "not base64 at all!",
    "not ascii": "ÄÖÜ",
    "not JSON": encoded("not json"),
    "a list": encoded("[]"),
    "a number": encoded("17"),
    "null": encoded("null"),
    "no key": encoded("{}"),
    "far too deep": encoded("[" * 200_000),
    "no texts": encoded('{"PK": ["a"], "SK": {}}'),
    "of another partition": encoded('{"PK": "ACCOUNT#acc_bob#WORK", "SK": "WORK#w"}'),
    "of no partition": encoded('{"SK": "ACCOUNT#acc_ada#WORK"}'),
}


@pytest.mark.parametrize("cursor", NOT_CURSORS.values(), ids=NOT_CURSORS.keys())
def test_what_is_no_cursor_of_this_list_is_refused_before_the_table_is_asked(cursor: str) -> None:
    client = Client({"Items": []})

    with pytest.raises(InvalidError, match="/cursor: must be the next_cursor of an earlier answer"):
        a_table(client).query("GSI1PK = :work", MINE, index="GSI1", cursor=cursor)

    assert client.asked == []


def test_a_cursor_of_another_account_is_refused() -> None:
    others = LAST | {"GSI1PK": {"S": "ACCOUNT#acc_bob#WORK"}, "PK": {"S": "ACCOUNT#acc_bob#CLIENT#c"}}
    found = a_table(Client({"Items": [], "LastEvaluatedKey": others})).query("…", {":work": "…"})

    with pytest.raises(InvalidError):
        a_table(Client()).query("GSI1PK = :work", MINE, index="GSI1", cursor=found.cursor)


def test_all_pages_are_read_as_far_as_somebody_goes_on() -> None:
    client = Client(
        {"Items": [{"n": {"N": "1"}}], "LastEvaluatedKey": LAST},
        {"Items": [], "LastEvaluatedKey": LAST},
        {"Items": [{"n": {"N": "2"}}]},
    )

    found = a_table(client).query_all("GSI1PK = :work", MINE)

    assert next(found) == {"n": 1}
    assert len(client.asked) == 1
    assert list(found) == [{"n": 2}]


def test_many_items_are_read_whole_also_in_portions() -> None:
    left = {"t": {"Keys": [{"PK": {"S": "b"}}]}}
    client = Client(
        {"Responses": {"t": [{"PK": {"S": "a"}}]}, "UnprocessedKeys": left},
        {"Responses": {"t": []}, "UnprocessedKeys": left},
        {"Responses": {"t": [{"PK": {"S": "b"}}]}, "UnprocessedKeys": {}},
    )

    assert a_table(client).get_many([{"PK": "a"}, {"PK": "b"}]) == [{"PK": "a"}, {"PK": "b"}]
    assert [len(asked["RequestItems"]["t"]["Keys"]) for asked in client.asked] == [2, 1, 1]
    assert all(asked["RequestItems"]["t"]["ConsistentRead"] for asked in client.asked)


def test_a_table_that_reads_nothing_at_all_is_asked_six_times() -> None:
    nothing = {"Responses": {}, "UnprocessedKeys": {"t": {"Keys": [{"PK": {"S": "a"}}]}}}
    client = Client(*[nothing] * 9)

    with pytest.raises(StoreUnavailableError):
        a_table(client).get_many([{"PK": "a"}])

    assert len(client.asked) == 6


def test_two_writers_of_the_same_at_the_same_instant_are_not_taken_for_one() -> None:
    """DynamoDB answers a token that it knows with success: two workers would both have been the first."""
    client = Client({}, {})
    table = a_table(client)

    table.write(an_action(table, "a"))
    table.write(an_action(table, "a"))

    first, second = (asked["ClientRequestToken"] for asked in client.asked)
    assert first != second
    assert 1 <= len(first) <= 36


def test_a_write_is_repeated_while_another_transaction_is_under_way() -> None:
    client = Client(cancelled("TransactionConflict"), cancelled("TransactionConflict"), {})
    table = a_table(client)

    table.write(an_action(table, "a"))

    assert len({asked["ClientRequestToken"] for asked in client.asked}) == 1


@pytest.mark.parametrize(
    ("answer", "family"),
    [
        (ReadTimeoutError(endpoint_url="https://…"), StoreUnavailableError),
        (
            ClientError({"Error": {"Code": "ConditionalCheckFailedException"}}, "TransactWriteItems"),
            LostConditionError,
        ),
    ],
)
def test_a_write_that_is_lost_or_unanswered_is_told_at_once(answer: Exception, family: type) -> None:
    client = Client(answer)
    table = a_table(client)

    with pytest.raises(family):
        table.write(an_action(table, "a"))

    assert len(client.asked) == 1


def test_a_conflict_that_does_not_end_is_told() -> None:
    table = a_table(Client(*[cancelled("TransactionConflict")] * 9))

    with pytest.raises(StoreConflictError):
        table.write(an_action(table, "a"))


def test_a_stamp_says_when_and_in_the_course_of_what() -> None:
    table = a_table(Client())

    with correlation("request-1"):
        inside = table.stamp()

    assert inside == {"updated_at": "2026-10-31T12:00:00.000Z", "correlation_id": "request-1"}
    assert table.stamp() == {"updated_at": "2026-10-31T12:00:00.000Z"}


@pytest.mark.parametrize("consistent", [True, False])
def test_a_query_is_as_of_now_where_it_is_asked_for(consistent: bool) -> None:
    client = Client({"Items": []})

    a_table(client).query("PK = :work", MINE, consistent=consistent)

    assert client.asked[0]["ConsistentRead"] is consistent


def test_raw_items_are_all_there_are_as_of_now() -> None:
    client = Client({"Items": [], "LastEvaluatedKey": LAST}, {"Items": [LAST]})

    assert list(a_table(client).raw("PK = :work", MINE)) == [LAST]
    assert [asked["ConsistentRead"] for asked in client.asked] == [True, True]


def test_a_read_is_never_a_moment_behind() -> None:
    client = Client({})

    assert a_table(client).get({"PK": "a"}) is None
    assert client.asked == [{"TableName": "t", "Key": {"PK": {"S": "a"}}, "ConsistentRead": True}]


def a_table(client: Client) -> Table:
    return Table(client, "t", lambda: NOON)


def an_action(table: Table, value: str) -> Action:
    return table.put({"PK": "a", "value": value}, condition="attribute_not_exists(PK)")


def cancelled(*reasons: str) -> ClientError:
    error = {"Code": "TransactionCanceledException", "Message": json.dumps(reasons)}
    response: Any = {"Error": error, "CancellationReasons": [{"Code": reason} for reason in reasons]}
    return ClientError(response, "TransactWriteItems")
