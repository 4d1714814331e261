"""What stands between a queue or the stream and its function."""

import json

import pytest

from events.catalog import PUBLISHED_TYPES
from tests.template import cfn

MAPPINGS = cfn.application().of("AWS::Lambda::EventSourceMapping")
FEEDS, INTAKE = cfn.feeds(), cfn.intake()
STREAM = MAPPINGS["PublishChangesMapping"]


@pytest.mark.parametrize("name", MAPPINGS)
def test_a_mapping_reports_partial_failures(name: str) -> None:
    assert MAPPINGS[name]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_every_mapping_reads_a_queue_or_the_stream() -> None:
    assert MAPPINGS.keys() - FEEDS.keys() - INTAKE.keys() == {"PublishChangesMapping"}
    assert cfn.named(STREAM["EventSourceArn"]) == "StreamArn"


@pytest.mark.parametrize("name", FEEDS)
def test_a_queue_starts_no_more_functions_than_its_mapping_says(name: str) -> None:
    assert FEEDS[name].mapping["ScalingConfig"]["MaximumConcurrency"] in range(2, 11)


@pytest.mark.parametrize("name", INTAKE)
def test_dead_letters_are_taken_in_ten_at_a_time_by_few(name: str) -> None:
    mapping = INTAKE[name].mapping

    assert (mapping["BatchSize"], mapping["ScalingConfig"]) == (10, {"MaximumConcurrency": 2})


def test_the_stream_passes_exactly_the_types_that_the_code_publishes() -> None:
    patterns = [json.loads(each["Pattern"]) for each in STREAM["FilterCriteria"]["Filters"]]

    (pattern,) = patterns
    passed = pattern["dynamodb"]["NewImage"]["type"]["S"]
    assert pattern == {"dynamodb": {"NewImage": {"type": {"S": passed}}}}
    assert sorted(passed) == sorted(PUBLISHED_TYPES)


def test_no_change_is_too_old_to_be_published() -> None:
    assert STREAM["StartingPosition"] == "TRIM_HORIZON"


def test_batches_are_as_large_as_the_budget_of_calls_needs() -> None:
    assert (STREAM["BatchSize"], STREAM["MaximumBatchingWindowInSeconds"]) == (100, 1)
    counters = FEEDS["KeepCountersMapping"].mapping
    assert (counters["BatchSize"], counters["MaximumBatchingWindowInSeconds"]) == (50, 2)


def test_invoices_of_one_account_contend_for_its_next_number_a_few_at_a_time() -> None:
    mapping = FEEDS["IssueInvoicesMapping"].mapping

    assert mapping["BatchSize"] * mapping["ScalingConfig"]["MaximumConcurrency"] <= 25


def test_what_became_of_mails_is_taken_some_at_a_time() -> None:
    assert FEEDS["RecordMailEventsMapping"].mapping["BatchSize"] == 10


@pytest.mark.parametrize("name", ["DeliverInvoicesMapping", "ImportWorkMapping"])
def test_a_delivery_or_an_import_that_is_cut_off_takes_no_other_along(name: str) -> None:
    assert FEEDS[name].mapping["BatchSize"] == 1


def test_one_bad_record_of_the_stream_is_singled_out() -> None:
    assert STREAM["BisectBatchOnFunctionError"] is True


def test_the_stream_is_given_up_before_it_forgets_and_to_where_the_records_themselves_are_kept() -> None:
    stream_keeps = 24 * 3600

    assert STREAM["MaximumRetryAttempts"] == -1
    assert 12 * 3600 < STREAM["MaximumRecordAgeInSeconds"] < stream_keeps
    assert cfn.named(STREAM["DestinationConfig"]["OnFailure"]["Destination"]) == "FailuresBucketArn"


def test_what_the_stream_gave_up_and_what_waits_in_it_rings() -> None:
    gave_up = cfn.alarms_on("OnFailureDestinationDeliveredEventCount", "PublishChangesMapping")
    waits = cfn.alarms_on("IteratorAge", "PublishChanges")

    assert STREAM["MetricsConfig"] == {"Metrics": ["EventCount"]}
    assert [alarm["Threshold"] for alarm in gave_up] == [0]
    assert [alarm["Threshold"] for alarm in waits] == [600_000]
