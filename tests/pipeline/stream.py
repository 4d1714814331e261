"""The table's stream, as Lambda reads it."""

import datetime as dt
import json
from typing import Any

import boto3

from tests.aws_events import Json
from tests.data_stack import REGION


def read(table: str, *, behind: int) -> list[Json]:
    """The records behind the one with this sequence number (0: all of them)."""
    streams = boto3.client("dynamodbstreams", REGION)
    described = boto3.client("dynamodb", REGION).describe_table(TableName=table)["Table"]
    arn = described["LatestStreamArn"]
    [shard] = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    start: Any = {"ShardIteratorType": "TRIM_HORIZON"}
    if behind:
        start = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": str(behind)}
    iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard["ShardId"], **start)["ShardIterator"]
    found = streams.get_records(ShardIterator=iterator)["Records"]
    return [_as_lambda_says_it({**record, "awsRegion": REGION, "eventSourceARN": arn}) for record in found]


def _as_lambda_says_it(record: Json) -> Json:
    told: Json = json.loads(json.dumps(record, default=dt.datetime.timestamp))
    return told
