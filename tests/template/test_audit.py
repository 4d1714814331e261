"""The daily audit: it reads everything, writes nothing, and rings at the first thing that is wrong."""

import json
import re

from tests.template import cfn

APPLICATION = cfn.application()
DAILY = APPLICATION.of("AWS::Scheduler::Schedule")["AuditDaily"]
TARGET = DAILY["Target"]
RETRIES = APPLICATION.of("AWS::Lambda::EventInvokeConfig")["AuditRetries"]


def test_an_audit_comes_every_day_while_the_clock_runs() -> None:
    assert DAILY["ScheduleExpression"] == "rate(1 day)"
    assert DAILY["State"] == {"Ref": "TickState"}


def test_an_audit_carries_the_instant_that_it_was_meant_for() -> None:
    assert cfn.named(TARGET["Arn"]) == "Audit"
    assert json.loads(TARGET["Input"]) == {"time": "<aws.scheduler.scheduled-time>"}


def test_an_audit_that_fails_is_tried_again_and_then_kept() -> None:
    assert cfn.named(TARGET["DeadLetterConfig"]["Arn"]) == "AuditDeadLetters"
    assert TARGET["RetryPolicy"]["MaximumRetryAttempts"] == 10
    assert cfn.named(RETRIES["FunctionName"]) == "Audit"
    assert cfn.named(RETRIES["DestinationConfig"]["OnFailure"]["Destination"]) == "AuditDeadLetters"
    assert RETRIES["MaximumRetryAttempts"] == 2


def test_an_audit_is_given_up_before_the_next_one_comes() -> None:
    day = 24 * 3600

    assert TARGET["RetryPolicy"]["MaximumEventAgeInSeconds"] < day
    assert RETRIES["MaximumEventAgeInSeconds"] < day


def test_an_audit_can_write_nothing_to_the_table() -> None:
    policies = APPLICATION.of("AWS::IAM::Role")["AuditRole"]["Policies"]
    verbs = {
        verb
        for policy in policies
        for statement in policy["PolicyDocument"]["Statement"]
        for verb in cfn.as_list(statement["Action"])
        if verb.startswith("dynamodb:")
    }

    assert verbs == {"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"}


def test_drift_is_what_the_log_of_the_audit_says_and_must_be_zero() -> None:
    drift = APPLICATION.of("AWS::Logs::MetricFilter")["Drift"]
    alarm = APPLICATION.of("AWS::CloudWatch::Alarm")["DriftAlarm"]
    handler = (cfn.ROOT / "handlers" / "audit.py").read_text(encoding="utf-8")

    (metric,) = drift["MetricTransformations"]
    assert cfn.named(drift["LogGroupName"]) == "AuditLogs"
    assert metric["MetricValue"] == "$.drift"
    assert metric["MetricName"] == alarm["MetricName"] == {"Fn::Sub": "Drift-${Environment}"}
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanThreshold", 0)
    (message,) = re.findall(r'message = "([^"]+)"', drift["FilterPattern"])
    assert f'info("{message}"' in handler
