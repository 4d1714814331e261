"""The table's stream, as Lambda reads it."""

import datetime as dt
import json
from typing import Any

import boto3

from tests.aws_events import Json
from tests.data_stack import REGION, TABLE


class Stream:
    """Remembers how far it was read; `behind` can be set back, to read again."""

    def __init__(self) -> None:
        self.behind = 0
        self._streams = boto3.client("dynamodbstreams", REGION)
        table = boto3.client("dynamodb", REGION).describe_table(TableName=TABLE)["Table"]
        self._arn = table["LatestStreamArn"]
        [shard] = self._streams.describe_stream(StreamArn=self._arn)["StreamDescription"]["Shards"]
        self._shard = shard["ShardId"]

    def read(self, most: int) -> list[Json]:
        """The next records, at most so many."""
        start: Any = {"ShardIteratorType": "TRIM_HORIZON"}
        if self.behind:
            start = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": str(self.behind)}
        iterator = self._streams.get_shard_iterator(StreamArn=self._arn, ShardId=self._shard, **start)
        found = self._streams.get_records(ShardIterator=iterator["ShardIterator"], Limit=most)["Records"]
        return [self._as_lambda_says_it(dict(record)) for record in found]

    def _as_lambda_says_it(self, record: Json) -> Json:
        record |= {"awsRegion": REGION, "eventSourceARN": self._arn}
        told: Json = json.loads(json.dumps(record, default=dt.datetime.timestamp))
        return told


def position(record: Json) -> int:
    """Where in the stream a record is."""
    return int(record["dynamodb"]["SequenceNumber"])
