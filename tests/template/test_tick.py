"""The schedule that opens invoices."""

import json

from tests.template import cfn

APPLICATION = cfn.application()
(TICK,) = APPLICATION.of("AWS::Scheduler::Schedule").values()
TARGET = TICK["Target"]


def test_a_tick_comes_every_15_minutes_sharp() -> None:
    assert TICK["ScheduleExpression"] == "rate(15 minutes)"
    assert TICK["FlexibleTimeWindow"] == {"Mode": "OFF"}


def test_the_clock_can_be_stopped() -> None:
    assert TICK["State"] == {"Ref": "TickState"}
    assert APPLICATION.template["Parameters"]["TickState"]["AllowedValues"] == ["ENABLED", "DISABLED"]


def test_a_tick_carries_the_instant_that_it_was_meant_for() -> None:
    assert cfn.named(TARGET["Arn"]) == "OpenInvoices"
    assert json.loads(TARGET["Input"]) == {"time": "<aws.scheduler.scheduled-time>"}


def test_a_tick_is_tried_until_the_next_one_and_then_kept() -> None:
    assert TARGET["RetryPolicy"]["MaximumEventAgeInSeconds"] == 15 * 60
    assert cfn.named(TARGET["DeadLetterConfig"]["Arn"]) == "TickDeadLetters"


def test_a_tick_that_the_function_fails_on_is_kept_too() -> None:
    (retries,) = APPLICATION.of("AWS::Lambda::EventInvokeConfig").values()

    assert (retries["MaximumRetryAttempts"], retries["MaximumEventAgeInSeconds"]) == (2, 15 * 60)
    assert cfn.named(retries["FunctionName"]) == "OpenInvoices"
    assert cfn.named(retries["DestinationConfig"]["OnFailure"]["Destination"]) == "TickDeadLetters"


def test_no_tick_overlaps_the_next() -> None:
    assert APPLICATION.of(cfn.FUNCTION)["OpenInvoices"]["Timeout"] <= 15 * 60
