"""Alarms reach a person, and tell what has happened."""

import pytest

from tests.template import cfn

ALARMS = cfn.application().of("AWS::CloudWatch::Alarm")
FED = {feed.function for feed in cfn.feeds().values()}
MEASURED = {
    "ApproximateNumberOfMessagesVisible": ("AWS/SQS", "QueueName", "Maximum"),
    "ApproximateAgeOfOldestMessage": ("AWS/SQS", "QueueName", "Maximum"),
    "IteratorAge": ("AWS/Lambda", "FunctionName", "Maximum"),
    "Errors": ("AWS/Lambda", "FunctionName", "Sum"),
    "OnFailureDestinationDeliveredEventCount": ("AWS/Lambda", "EventSourceMappingUUID", "Sum"),
    "5xx": ("AWS/ApiGateway", "ApiId", "Sum"),
}
each_alarm = pytest.mark.parametrize("name", ALARMS)


@each_alarm
def test_an_alarm_tells_the_topic_for_alarms_where_there_is_one(name: str) -> None:
    told = {"Fn::If": ["HasAlarmTopic", [{"Ref": "AlarmTopicArn"}], {"Ref": "AWS::NoValue"}]}

    assert ALARMS[name]["AlarmActions"] == told


@each_alarm
def test_an_alarm_says_in_a_sentence_of_its_own_what_has_happened(name: str) -> None:
    others = {each["AlarmDescription"] for other, each in ALARMS.items() if other != name}

    assert ALARMS[name]["AlarmDescription"] not in others
    assert ALARMS[name]["AlarmDescription"].endswith(".")


def test_an_alarm_on_a_line_in_the_log_watches_what_a_filter_counts() -> None:
    ours = [alarm["MetricName"] for alarm in ALARMS.values() if alarm["Namespace"] == "Invoicely"]
    filters = cfn.application().of("AWS::Logs::MetricFilter").values()
    counted = [each["MetricName"] for filter_ in filters for each in filter_["MetricTransformations"]]

    assert ours == counted


@pytest.mark.parametrize("name", [name for name in ALARMS if ALARMS[name]["Namespace"] != "Invoicely"])
def test_an_alarm_watches_what_aws_measures_under_that_name(name: str) -> None:
    alarm = ALARMS[name]
    (dimension,) = alarm["Dimensions"]

    assert (alarm["Namespace"], dimension["Name"], alarm["Statistic"]) == MEASURED[alarm["MetricName"]]
    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"


@pytest.mark.parametrize("function", sorted(cfn.application().of(cfn.FUNCTION).keys() - FED))
def test_a_function_whose_failures_no_queue_keeps_rings_at_them(function: str) -> None:
    failures = cfn.alarms_on("5xx", "HttpApi") if function == "Api" else cfn.alarms_on("Errors", function)

    assert [alarm["Threshold"] for alarm in failures] == [0]


@each_alarm
def test_an_alarm_is_silent_while_nothing_is_measured(name: str) -> None:
    assert ALARMS[name]["TreatMissingData"] == "notBreaching"
