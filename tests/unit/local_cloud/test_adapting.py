import json
from typing import Any

import pytest

from infrastructure.local_cloud.adapting import TICK, adapt, adapt_for_faults, code_at
from infrastructure.local_cloud.deploy import DATA_TEMPLATE, TEMPLATE
from infrastructure.local_cloud.names import REPOSITORY
from infrastructure.local_cloud.package import Code, Package
from infrastructure.local_cloud.templates import Template, load, resources


def a_template(kind: str, **properties: object) -> Template:
    return {"Resources": {"It": {"Type": kind, "Properties": properties}}}


def a_role(*statements: dict[str, Any]) -> Template:
    own = {"PolicyName": "own", "PolicyDocument": a_policy(*statements)}
    return a_template("AWS::IAM::Role", Policies=[own])


def a_policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(*actions: str, **more: object) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": "arn:aws:one", **more}


def statements(role: Template) -> list[dict[str, Any]]:
    [policy] = role["Resources"]["It"]["Properties"]["Policies"]
    return list(policy["PolicyDocument"]["Statement"])


def test_a_tick_carries_the_time_of_its_event() -> None:
    template = a_template(
        "AWS::Scheduler::Schedule", State="DISABLED", Target={"Arn": "…", "Input": json.dumps({"time": TICK})}
    )

    adapt(template)

    assert template == a_template(
        "AWS::Scheduler::Schedule",
        State="ENABLED",
        Target={
            "Arn": "…",
            "InputTransformer": {"InputPathsMap": {"time": "$.time"}, "InputTemplate": '{"time": <time>}'},
        },
    )


def test_a_schedule_without_the_placeholder_stays_as_it_is() -> None:
    template = a_template("AWS::Scheduler::Schedule", Target={"Arn": "…", "Input": "{}"})

    assert adapt(template) == []
    assert template == a_template("AWS::Scheduler::Schedule", Target={"Arn": "…", "Input": "{}"})


def test_whoever_may_send_one_may_send_a_batch() -> None:
    role = a_role(allow("sqs:SendMessage", "sqs:GetQueueUrl"), allow("dynamodb:GetItem"))

    notes = adapt(role)

    assert statements(role) == [
        allow("sqs:SendMessage", "sqs:GetQueueUrl", "sqs:SendMessageBatch"),
        allow("dynamodb:GetItem"),
    ]
    assert notes == ["sqs:SendMessageBatch allowed where sqs:SendMessage is"]


def test_a_single_action_may_stand_without_a_list() -> None:
    role = a_role({"Effect": "Allow", "Action": "sns:Publish", "Resource": "arn:aws:one"})

    adapt(role)

    assert statements(role) == [allow("sns:Publish", "sns:PublishBatch")]


def test_mail_may_be_sent_whatever_the_resource_and_condition() -> None:
    condition = {"StringEquals": {"ses:FromAddress": "invoices@example.com"}}
    role = a_role(allow("ses:SendRawEmail", Condition=condition))

    adapt(role)

    assert statements(role) == [allow("ses:SendRawEmail") | {"Resource": "*"}]


@pytest.mark.parametrize("spelling", ["false", False])
def test_calls_without_tls_are_not_refused(spelling: object) -> None:
    only_tls = {"Effect": "Deny", "Action": "s3:*", "Condition": {"Bool": {"aws:SecureTransport": spelling}}}
    template = a_template("AWS::S3::BucketPolicy", PolicyDocument=a_policy(only_tls, allow("s3:GetObject")))

    adapt(template)

    assert template == a_template("AWS::S3::BucketPolicy", PolicyDocument=a_policy(allow("s3:GetObject")))


def test_other_refusals_stay() -> None:
    refusal = {"Effect": "Deny", "Action": ["s3:DeleteObject"], "Resource": "arn:aws:one"}
    role = a_role(refusal)

    assert adapt(role) == []
    assert statements(role) == [refusal]


def a_function_fed_by(**mapping: object) -> Template:
    """A function with 30 s behind a queue or a stream."""
    function = {"Handler": "handlers.keep_counters.handler", "Timeout": 30}
    fed = {"FunctionName": {"Ref": "Function"}, **mapping}
    return {
        "Resources": {
            "Function": {"Type": "AWS::Serverless::Function", "Properties": function},
            "Mapping": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": fed},
            "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": 182}},
        }
    }


OF_A_STREAM = {"EventSourceArn": {"Fn::ImportValue": "stream"}, "StartingPosition": "TRIM_HORIZON"}
OF_A_QUEUE = {"EventSourceArn": {"Fn::GetAtt": ["Queue", "Arn"]}}


def function_of(template: Template) -> dict[str, Any]:
    function: dict[str, Any] = template["Resources"]["Function"]["Properties"]
    return function


def test_a_function_of_a_stream_fails_as_a_whole() -> None:
    template = a_function_fed_by(**OF_A_STREAM)

    notes = adapt(template)

    assert function_of(template) == {
        "Handler": "whole_batches.handler",
        "Timeout": 30,
        "Environment": {"Variables": {"WHOLE_BATCHES_OF": "handlers.keep_counters.handler"}},
    }
    assert notes == ["Function fails as a whole where a part of its batch failed, and all of it comes again"]


def test_a_function_of_a_queue_answers_for_each_message() -> None:
    template = a_function_fed_by(**OF_A_QUEUE)

    assert adapt(template) == []


def test_where_things_break_on_purpose_a_lost_message_comes_again_soon() -> None:
    template = a_function_fed_by(**OF_A_QUEUE)

    notes = adapt_for_faults(template, "http://127.0.0.1:4567")

    assert function_of(template)["Timeout"] == 6
    assert template["Resources"]["Queue"]["Properties"] == {"VisibilityTimeout": 12}
    assert notes == ["Function has 6 s, and Queue gives a message again after 12 s"]


def test_a_function_of_several_queues_is_hastened_once() -> None:
    template = a_function_fed_by(**OF_A_QUEUE)
    template["Resources"]["Other"] = template["Resources"]["Mapping"]

    adapt_for_faults(template, "http://127.0.0.1:4567")

    assert function_of(template)["Timeout"] == 6


def test_there_the_api_signs_addresses_that_lead_past_the_proxy() -> None:
    template = load(REPOSITORY / TEMPLATE)

    adapt_for_faults(template, "http://127.0.0.1:4567")

    signs = {
        name
        for name, function in resources(template, "AWS::Serverless::Function")
        if function["Properties"]["Environment"]["Variables"].get("AWS_ENDPOINT_URL_S3")
    }
    assert signs == {"Api"}


def test_every_function_runs_the_zip_that_was_uploaded_for_it() -> None:
    code = Code(plain=Package(b"plain"), rendering=Package(b"with fonts"))
    template = load(REPOSITORY / TEMPLATE)

    code_at(template, "bucket", code)

    keys = {
        function["Properties"]["Handler"]: function["Properties"]["CodeUri"]["Key"]
        for _, function in resources(template, "AWS::Serverless::Function")
    }
    assert keys.pop("handlers.deliver_invoices.handler") == code.rendering.key
    assert set(keys.values()) == {code.plain.key}


@pytest.mark.parametrize("path", [DATA_TEMPLATE, TEMPLATE])
def test_nothing_is_left_in_the_real_templates_that_ministack_would_misunderstand(path: str) -> None:
    template = load(REPOSITORY / path)

    adapt(template)

    assert TICK not in json.dumps(template)
    assert "aws:SecureTransport" not in json.dumps(template)
    assert "ses:FromAddress" not in json.dumps(template)
