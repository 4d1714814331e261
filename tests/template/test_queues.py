"""A message that cannot be processed is kept, and somebody hears of it."""

import pytest

from infrastructure.dead_letters import KNOWN
from tests.template import cfn

FOUR_DAYS = 4 * 24 * 3600
FOURTEEN_DAYS = 14 * 24 * 3600
ATTEMPTS = 8

QUEUES = cfn.application().of("AWS::SQS::Queue")
POLICIES = cfn.application().of("AWS::SQS::QueuePolicy")
SUBSCRIPTIONS = cfn.application().of("AWS::SNS::Subscription")
FEEDS, INTAKE = cfn.feeds(), cfn.intake()
SOURCES = {feed.queue for feed in FEEDS.values()}
UNDELIVERED = {cfn.named(each["RedrivePolicy"]["deadLetterTargetArn"]) for each in SUBSCRIPTIONS.values()}

each_queue = pytest.mark.parametrize("name", QUEUES)
each_feed = pytest.mark.parametrize("feed", FEEDS.values(), ids=FEEDS)
each_intake = pytest.mark.parametrize("feed", INTAKE.values(), ids=INTAKE)


def dead_letters_of(queue: str) -> str:
    return cfn.named(QUEUES[queue]["RedrivePolicy"]["deadLetterTargetArn"])


@each_feed
def test_a_queue_that_feeds_a_function_gives_up_into_a_queue_of_its_own(feed: cfn.Feed) -> None:
    others = [dead_letters_of(queue) for queue in SOURCES - {feed.queue}]

    assert cfn.default(QUEUES[feed.queue]["RedrivePolicy"]["maxReceiveCount"]) == ATTEMPTS
    assert dead_letters_of(feed.queue) in QUEUES.keys() - SOURCES
    assert dead_letters_of(feed.queue) not in others


@each_feed
def test_a_dead_letter_queue_takes_messages_of_its_source_only(feed: cfn.Feed) -> None:
    allowed = QUEUES[dead_letters_of(feed.queue)]["RedriveAllowPolicy"]

    arn = "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:"
    assert allowed == {
        "redrivePermission": "byQueue",
        "sourceQueueArns": [{"Fn::Sub": arn + QUEUES[feed.queue]["QueueName"]["Fn::Sub"]}],
    }


@each_feed
def test_a_message_stays_hidden_for_six_timeouts_and_the_batching_window(feed: cfn.Feed) -> None:
    timeout = cfn.application().of(cfn.FUNCTION)[feed.function]["Timeout"]
    window = feed.mapping.get("MaximumBatchingWindowInSeconds", 0)

    assert QUEUES[feed.queue]["VisibilityTimeout"] >= 6 * timeout + window


@each_feed
def test_a_queue_that_feeds_a_function_rings_when_its_oldest_message_waits(feed: cfn.Feed) -> None:
    assert [alarm["Threshold"] for alarm in cfn.alarms_on("ApproximateAgeOfOldestMessage", feed.queue)] == [
        900
    ]


def test_every_queue_that_nothing_else_is_done_with_is_taken_into_the_ledger() -> None:
    taken_in = sorted(feed.queue for feed in INTAKE.values())

    assert taken_in == sorted({*QUEUES.keys() - SOURCES, "UnpublishedBatchesArn"})


def test_the_code_knows_what_the_messages_of_every_such_queue_are() -> None:
    names = {QUEUES[name]["QueueName"]["Fn::Sub"] for name in QUEUES.keys() - SOURCES}
    names |= {queue["QueueName"]["Fn::Sub"] for queue in cfn.data().of("AWS::SQS::Queue").values()}

    assert {name.removeprefix("invoicely-${Environment}-") for name in names} == KNOWN


@each_intake
def test_dead_letters_stay_hidden_for_six_timeouts_of_the_intake(feed: cfn.Feed) -> None:
    timeout = cfn.application().of(cfn.FUNCTION)[feed.function]["Timeout"]
    (batches,) = cfn.data().of("AWS::SQS::Queue").values()

    assert QUEUES.get(feed.queue, batches)["VisibilityTimeout"] == 6 * timeout


@each_intake
def test_a_dead_letter_queue_rings_when_nobody_takes_a_message_in_for_five_minutes(feed: cfn.Feed) -> None:
    """Its age counts also while it is in flight, where no number of visible messages shows it."""
    name = feed.queue.replace("BatchesArn", "BatchesName")
    (alarm,) = cfn.alarms_on("ApproximateAgeOfOldestMessage", name)

    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanThreshold", 300)
    assert (alarm["Statistic"], alarm["EvaluationPeriods"]) == ("Maximum", 1)


@pytest.mark.parametrize("name", sorted(SOURCES | UNDELIVERED | {dead_letters_of(each) for each in SOURCES}))
def test_no_message_of_an_event_is_longer_than_an_entry_of_the_ledger_holds(name: str) -> None:
    assert QUEUES[name]["MaximumMessageSize"] == 256 * 1024


@each_queue
def test_dead_letters_are_kept_longer_than_any_message_waits(name: str) -> None:
    assert QUEUES[name]["MessageRetentionPeriod"] == (FOUR_DAYS if name in SOURCES else FOURTEEN_DAYS)


@each_queue
def test_a_queue_is_encrypted(name: str) -> None:
    assert QUEUES[name]["SqsManagedSseEnabled"] is True


@each_queue
def test_a_queue_has_one_policy_and_it_refuses_plain_connections(name: str) -> None:
    (policy,) = [each for each in POLICIES.values() if {"Ref": name} in each["Queues"]]

    assert {
        "Sid": "OnlyOverTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sqs:*",
        "Resource": {"Fn::GetAtt": [name, "Arn"]} if len(policy["Queues"]) == 1 else "*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    } in policy["PolicyDocument"]["Statement"]


@each_queue
def test_only_its_topic_may_fill_a_queue_and_only_if_it_is_subscribed(name: str) -> None:
    (policy,) = [each for each in POLICIES.values() if {"Ref": name} in each["Queues"]]

    allowed = [each for each in policy["PolicyDocument"]["Statement"] if each["Effect"] == "Allow"]

    from_the_topic = {
        "Sid": "OnlyFromTheTopic",
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": {"Fn::GetAtt": [name, "Arn"]},
        "Condition": {"ArnEquals": {"aws:SourceArn": {"Ref": cfn.topic_of(name)}}},
    }
    subscribed = {cfn.named(each["Endpoint"]) for each in SUBSCRIPTIONS.values()} | UNDELIVERED
    assert allowed == ([from_the_topic] if name in subscribed else [])
