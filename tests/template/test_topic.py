"""A topic of all changes, read through filters, and one on which SES tells what became of our mails."""

import pytest

from tests.template import cfn

APPLICATION = cfn.application()
SUBSCRIPTIONS = APPLICATION.of("AWS::SNS::Subscription")
each_subscription = pytest.mark.parametrize("name", SUBSCRIPTIONS)
MAIL = "MailEventsSubscription"


@pytest.mark.parametrize("name", sorted(SUBSCRIPTIONS.keys() - {MAIL}))
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


def test_all_that_ses_tells_is_taken() -> None:
    assert cfn.named(SUBSCRIPTIONS[MAIL]["TopicArn"]) == "MailEventsTopic"
    assert "FilterPolicy" not in SUBSCRIPTIONS[MAIL]


def test_the_topic_of_changes_is_encrypted() -> None:
    topic = APPLICATION.of("AWS::SNS::Topic")["ChangesTopic"]

    assert topic["KmsMasterKeyId"] == "alias/aws/sns"


def test_only_the_publishers_may_publish_and_only_over_tls() -> None:
    policy = APPLICATION.of("AWS::SNS::TopicPolicy")["ChangesTopicPolicy"]

    assert policy["Topics"] == [{"Ref": "ChangesTopic"}]
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


def test_a_topic_has_a_policy() -> None:
    policies = APPLICATION.of("AWS::SNS::TopicPolicy").values()

    governed = [cfn.named(topic) for policy in policies for topic in policy["Topics"]]
    assert sorted(governed) == sorted(APPLICATION.of("AWS::SNS::Topic"))


def test_only_ses_for_our_own_mails_may_tell_what_became_of_them() -> None:
    allowed, denied = APPLICATION.of("AWS::SNS::TopicPolicy")["MailEventsTopicPolicy"]["PolicyDocument"][
        "Statement"
    ]

    ours = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:configuration-set/"
    assert allowed == {
        "Sid": "OnlyOurConfigurationSet",
        "Effect": "Allow",
        "Principal": {"Service": "ses.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": {"Ref": "MailEventsTopic"},
        "Condition": {
            "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
            "ArnEquals": {"aws:SourceArn": {"Fn::Sub": ours + "${MailConfigurationSet}"}},
        },
    }
    assert (denied["Effect"], denied["Action"]) == ("Deny", "sns:Publish")
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_ses_tells_of_every_end_that_a_mail_can_have() -> None:
    (destination,) = APPLICATION.of("AWS::SES::ConfigurationSetEventDestination").values()

    events = destination["EventDestination"]
    assert cfn.named(destination["ConfigurationSetName"]) == "MailConfigurationSet"
    assert cfn.named(events["SnsDestination"]["TopicARN"]) == "MailEventsTopic"
    assert (events["Enabled"], set(events["MatchingEventTypes"])) == (
        True,
        {"send", "reject", "bounce", "complaint", "delivery"},
    )
