"""Alarms reach a person, and tell what has happened."""

import pytest

from tests.template import cfn

ALARMS = cfn.application().of("AWS::CloudWatch::Alarm")
SILENCE = {"RetryFailuresSilentAlarm": "RetryFailures", "RemindClientsSilentAlarm": "RemindClients"}
FED = {feed.function for feed in cfn.feeds().values()}
MEASURED = {
    "ApproximateAgeOfOldestMessage": ("AWS/SQS", "QueueName", "Maximum"),
    "IteratorAge": ("AWS/Lambda", "FunctionName", "Maximum"),
    "DestinationDeliveryFailures": ("AWS/Lambda", "FunctionName", "Sum"),
    "Errors": ("AWS/Lambda", "FunctionName", "Sum"),
    "Invocations": ("AWS/Lambda", "FunctionName", "Sum"),
    "RecursiveInvocationsDropped": ("AWS/Lambda", "FunctionName", "Sum"),
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


@pytest.mark.parametrize("function", sorted(cfn.application().of(cfn.FUNCTION).keys() - FED))
def test_a_function_whose_failures_no_queue_keeps_rings_at_them(function: str) -> None:
    failures = cfn.alarms_on("5xx", "HttpApi") if function == "Api" else cfn.alarms_on("Errors", function)

    assert [alarm["Threshold"] for alarm in failures] == [0]


@pytest.mark.parametrize("function", sorted(FED | {cfn.INTAKE}))
def test_a_function_whose_messages_lambda_takes_for_a_loop_rings(function: str) -> None:
    dropped = cfn.alarms_on("RecursiveInvocationsDropped", function)

    assert [alarm["Threshold"] for alarm in dropped] == [0]


@pytest.mark.parametrize("name", sorted(ALARMS.keys() - SILENCE.keys()))
def test_an_alarm_rings_at_too_much_and_is_silent_while_nothing_is_measured(name: str) -> None:
    assert ALARMS[name]["ComparisonOperator"] == "GreaterThanThreshold"
    assert ALARMS[name]["TreatMissingData"] == "notBreaching"


@pytest.mark.parametrize(("name", "function"), SILENCE.items())
def test_a_timer_that_stands_still_rings_unless_it_was_stopped(name: str, function: str) -> None:
    alarm = ALARMS[name]

    assert (alarm["MetricName"], cfn.named(alarm["Dimensions"][0]["Value"])) == ("Invocations", function)
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("LessThanThreshold", 1)
    assert alarm["TreatMissingData"] == "breaching"
    assert cfn.application().resources[name]["Condition"] == "IsTicking"
    assert cfn.application().template["Conditions"]["IsTicking"] == {
        "Fn::Equals": [{"Ref": "TickState"}, "ENABLED"]
    }


def test_what_waits_for_a_person_rings_at_the_first_and_what_is_retried_after_six_hours() -> None:
    thresholds = {name: ALARMS[name]["Threshold"] for name in ("FailuresParkedAlarm", "OldestRetryingAlarm")}

    assert thresholds == {"FailuresParkedAlarm": 0, "OldestRetryingAlarm": 6 * 3600}


@pytest.mark.parametrize("name", ["FailuresParked", "OldestRetrying"])
def test_what_is_counted_in_the_log_of_the_retries_is_what_they_log(name: str) -> None:
    counted = cfn.application().of("AWS::Logs::MetricFilter")[name]
    handler = (cfn.ROOT / "handlers" / "retry_failures.py").read_text(encoding="utf-8")

    (metric,) = counted["MetricTransformations"]
    assert cfn.named(counted["LogGroupName"]) == "RetryFailuresLogs"
    assert f'"{metric["MetricValue"].removeprefix("$.")}"' in handler
    assert counted["FilterPattern"] == '{ $.message = "failures retried" }'
    assert '"failures retried"' in handler


def test_dead_letters_that_are_not_recorded_ring_although_no_queue_shows_them() -> None:
    """What `record_failures` reports as failed is in flight until it comes back: it counts it in its log."""
    counted = cfn.application().of("AWS::Logs::MetricFilter")["RecordFailuresFailed"]
    alarm = ALARMS["RecordFailuresFailedAlarm"]
    code = (cfn.ROOT / "infrastructure" / "queue.py").read_text(encoding="utf-8")

    (metric,) = counted["MetricTransformations"]
    assert cfn.named(counted["LogGroupName"]) == "RecordFailuresLogs"
    assert counted["FilterPattern"] == '{ $.message = "batch done" }'
    assert f'"{metric["MetricValue"].removeprefix("$.")}"' in code
    assert '"batch done"' in code
    assert (alarm["MetricName"], alarm["Statistic"], alarm["Threshold"]) == (metric["MetricName"], "Sum", 0)


def test_changes_that_do_not_even_reach_the_failures_bucket_ring() -> None:
    assert [alarm["Threshold"] for alarm in cfn.alarms_on("DestinationDeliveryFailures", cfn.STREAM)] == [0]
