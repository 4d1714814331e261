"""One topic, filled from the stream and by what had failed on the way, read through filters."""

import pytest

from tests.template import cfn

APPLICATION = cfn.application()
SUBSCRIPTIONS = APPLICATION.of("AWS::SNS::Subscription")
each_subscription = pytest.mark.parametrize("name", SUBSCRIPTIONS)


@each_subscription
def test_a_subscription_is_filtered_by_the_type_of_event(name: str) -> None:
    subscription = SUBSCRIPTIONS[name]

    assert subscription["FilterPolicyScope"] == "MessageAttributes"
    assert subscription["FilterPolicy"].keys() == {"type"}
    assert subscription["FilterPolicy"]["type"] != []


@each_subscription
def test_a_subscription_hands_the_event_over_as_it_was_published(name: str) -> None:
    assert SUBSCRIPTIONS[name]["Protocol"] == "sqs"
    assert SUBSCRIPTIONS[name]["RawMessageDelivery"] is True


@each_subscription
def test_what_a_subscription_cannot_deliver_is_kept_in_a_queue_of_its_own(name: str) -> None:
    kept = {
        other: cfn.named(each["RedrivePolicy"]["deadLetterTargetArn"])
        for other, each in SUBSCRIPTIONS.items()
    }
    delivered = {cfn.named(each["Endpoint"]) for each in SUBSCRIPTIONS.values()}
    dead_letters = {
        cfn.named(queue["RedrivePolicy"]["deadLetterTargetArn"])
        for queue in APPLICATION.of("AWS::SQS::Queue").values()
        if "RedrivePolicy" in queue
    }

    mine = kept.pop(name)

    assert mine not in delivered | dead_letters | set(kept.values())
    assert APPLICATION.type_of(mine) == "AWS::SQS::Queue"


def test_every_queue_that_feeds_a_function_is_subscribed_once() -> None:
    subscribed = sorted(cfn.named(each["Endpoint"]) for each in SUBSCRIPTIONS.values())

    assert subscribed == sorted(feed.queue for feed in cfn.feeds().values())


def test_the_topic_is_encrypted() -> None:
    (topic,) = APPLICATION.of("AWS::SNS::Topic").values()

    assert topic["KmsMasterKeyId"] == "alias/aws/sns"


def test_only_the_publishers_may_publish_and_only_over_tls() -> None:
    (policy,) = APPLICATION.of("AWS::SNS::TopicPolicy").values()

    assert [cfn.named(topic) for topic in policy["Topics"]] == [*APPLICATION.of("AWS::SNS::Topic")]
    allowed, denied = policy["PolicyDocument"]["Statement"]
    assert allowed == {
        "Sid": "OnlyThePublishers",
        "Effect": "Allow",
        "Principal": {
            "AWS": [
                {"Fn::GetAtt": ["PublishChangesRole", "Arn"]},
                {"Fn::GetAtt": ["RetryFailuresRole", "Arn"]},
            ]
        },
        "Action": "sns:Publish",
        "Resource": {"Ref": "ChangesTopic"},
    }
    assert denied == {
        "Sid": "OnlyOverTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sns:Publish",
        "Resource": {"Ref": "ChangesTopic"},
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
