"""The schedules: one opens invoices, one reminds clients, one sends failures back to where they came from."""

import json

from tests.template import cfn

APPLICATION = cfn.application()
SCHEDULES = APPLICATION.of("AWS::Scheduler::Schedule")
TICK = SCHEDULES["Tick"]
TARGET = TICK["Target"]
RETRIES = APPLICATION.of("AWS::Lambda::EventInvokeConfig")


def test_a_tick_comes_every_15_minutes_sharp() -> None:
    assert TICK["ScheduleExpression"] == "rate(15 minutes)"
    assert TICK["FlexibleTimeWindow"] == {"Mode": "OFF"}


def test_the_clocks_can_be_stopped() -> None:
    assert [each["State"] for each in SCHEDULES.values()] == [{"Ref": "TickState"}] * len(SCHEDULES)
    assert APPLICATION.template["Parameters"]["TickState"]["AllowedValues"] == ["ENABLED", "DISABLED"]


def test_a_tick_carries_the_instant_that_it_was_meant_for() -> None:
    assert cfn.named(TARGET["Arn"]) == "OpenInvoices"
    assert json.loads(TARGET["Input"]) == {"time": "<aws.scheduler.scheduled-time>"}


def test_a_tick_is_tried_until_the_next_one_and_then_kept() -> None:
    assert TARGET["RetryPolicy"] == {"MaximumEventAgeInSeconds": 15 * 60, "MaximumRetryAttempts": 10}
    assert cfn.named(TARGET["DeadLetterConfig"]["Arn"]) == "TickDeadLetters"


def test_a_tick_that_the_function_fails_on_is_kept_too() -> None:
    retries = RETRIES["OpenInvoicesRetries"]

    assert (retries["MaximumRetryAttempts"], retries["MaximumEventAgeInSeconds"]) == (2, 15 * 60)
    assert cfn.named(retries["FunctionName"]) == "OpenInvoices"
    assert cfn.named(retries["DestinationConfig"]["OnFailure"]["Destination"]) == "TickDeadLetters"


def test_no_tick_overlaps_the_next() -> None:
    assert APPLICATION.of(cfn.FUNCTION)["OpenInvoices"]["Timeout"] <= 15 * 60


def test_failures_are_looked_at_every_minute_by_the_instant_that_was_meant() -> None:
    tick = SCHEDULES["RetryTick"]

    assert (tick["ScheduleExpression"], tick["FlexibleTimeWindow"]) == ("rate(1 minute)", {"Mode": "OFF"})
    assert cfn.named(tick["Target"]["Arn"]) == "RetryFailures"
    assert json.loads(tick["Target"]["Input"]) == {"time": "<aws.scheduler.scheduled-time>"}


def test_a_look_at_the_failures_that_fails_is_left_to_the_next_and_makes_no_failure_of_its_own() -> None:
    target, retries = SCHEDULES["RetryTick"]["Target"], RETRIES["RetryFailuresRetries"]

    assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 60, "MaximumRetryAttempts": 0}
    assert "DeadLetterConfig" not in target
    assert cfn.named(retries["FunctionName"]) == "RetryFailures"
    assert (retries["MaximumRetryAttempts"], retries["MaximumEventAgeInSeconds"]) == (0, 60)
    assert "DestinationConfig" not in retries


def test_reminders_are_looked_for_every_hour_by_the_instant_that_was_meant() -> None:
    tick = SCHEDULES["RemindTick"]

    assert (tick["ScheduleExpression"], tick["FlexibleTimeWindow"]) == ("rate(1 hour)", {"Mode": "OFF"})
    assert cfn.named(tick["Target"]["Arn"]) == "RemindClients"
    assert json.loads(tick["Target"]["Input"]) == {"time": "<aws.scheduler.scheduled-time>"}


def test_a_look_for_reminders_that_fails_is_tried_until_the_next_one_and_then_left_to_that() -> None:
    target, retries = SCHEDULES["RemindTick"]["Target"], RETRIES["RemindClientsRetries"]

    assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 3}
    assert "DeadLetterConfig" not in target
    assert cfn.named(retries["FunctionName"]) == "RemindClients"
    assert (retries["MaximumRetryAttempts"], retries["MaximumEventAgeInSeconds"]) == (2, 3600)
    assert "DestinationConfig" not in retries
