"""A role may do what its function does, and nothing else."""

from typing import Any

import pytest

from tests.template import cfn

APPLICATION = cfn.application()
ROLES = APPLICATION.of("AWS::IAM::Role")
TRACING = {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}  # the only verbs used that know no resource
OBJECTS = {"s3:GetObject", "s3:PutObject"}  # the names of objects are only known when they are made

each_role = pytest.mark.parametrize("name", ROLES)


def statements(role: str) -> list[dict[str, Any]]:
    policies = [policy["PolicyDocument"] for policy in ROLES[role]["Policies"]]
    return [statement for policy in policies for statement in policy["Statement"]]


def text_of(resource: object) -> str:
    match resource:
        case {"Fn::Sub": [str(text), _]} | {"Fn::Sub": str(text)} | str(text):
            return text
        case _:
            return cfn.named(resource)


@each_role
def test_a_role_names_every_verb(name: str) -> None:
    verbs = [verb for statement in statements(name) for verb in cfn.as_list(statement["Action"])]

    assert [verb for verb in verbs if "*" in verb or "?" in verb] == []


@each_role
def test_a_role_names_every_resource(name: str) -> None:
    wild = [
        (verbs, text)
        for statement in statements(name)
        for verbs in [set(cfn.as_list(statement["Action"]))]
        for text in map(text_of, cfn.as_list(statement["Resource"]))
        if "*" in (text.removesuffix("/*") if verbs <= OBJECTS else text)
    ]

    assert [each for each in wild if each != (TRACING, "*")] == []


@each_role
def test_a_role_allows_by_action_and_resource_only(name: str) -> None:
    keys = {key for statement in statements(name) for key in statement}

    assert keys <= {"Effect", "Action", "Resource", "Condition"}
    assert {statement["Effect"] for statement in statements(name)} == {"Allow"}


@each_role
def test_a_role_gets_nothing_from_policies_that_stand_elsewhere(name: str) -> None:
    assert ROLES[name].keys() == {"AssumeRolePolicyDocument", "Policies"}
    assert {"AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"}.isdisjoint(
        map(APPLICATION.type_of, APPLICATION.resources)
    )


def test_every_role_belongs_to_one_function_or_to_a_schedule() -> None:
    owners = {cfn.named(function["Role"]): name for name, function in APPLICATION.of(cfn.FUNCTION).items()}

    assert ROLES.keys() == owners.keys() | {"TickRole", "RetryTickRole", "RemindTickRole", "AuditDailyRole"}
    assert {role: f"{name}Role" for role, name in owners.items()} == {role: role for role in owners}


@pytest.mark.parametrize("name", APPLICATION.of(cfn.FUNCTION))
def test_a_function_writes_its_own_log_only(name: str) -> None:
    logging = [
        (verb, cfn.named(statement["Resource"]))
        for statement in statements(f"{name}Role")
        for verb in cfn.as_list(statement["Action"])
        if verb.startswith("logs:")
    ]

    assert logging == [("logs:CreateLogStream", f"{name}Logs"), ("logs:PutLogEvents", f"{name}Logs")]


@pytest.mark.parametrize("feed", cfn.feeds().values(), ids=cfn.feeds())
def test_a_function_may_empty_the_queue_that_feeds_it_and_touch_no_other(feed: cfn.Feed) -> None:
    queues = [
        (set(statement["Action"]), cfn.named(statement["Resource"]))
        for statement in statements(f"{feed.function}Role")
        if any(verb.startswith("sqs:") for verb in statement["Action"])
    ]

    emptying = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
    assert queues == [(emptying | {"sqs:ChangeMessageVisibility"}, feed.queue)]


def test_the_intake_may_empty_every_queue_that_feeds_it_and_touch_no_other() -> None:
    (emptying,) = [
        each for each in statements("RecordFailuresRole") if any("sqs:" in verb for verb in each["Action"])
    ]

    assert emptying["Action"] == ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
    assert sorted(map(cfn.named, emptying["Resource"])) == sorted(
        feed.queue for feed in cfn.intake().values()
    )


def test_the_retries_may_send_to_the_queues_that_have_a_consumer_and_empty_none() -> None:
    sending = {
        verb: sorted(map(cfn.named, cfn.as_list(each["Resource"])))
        for each in statements("RetryFailuresRole")
        for verb in each["Action"]
        if verb.startswith(("sqs:", "lambda:"))
        if each["Resource"] != {"Fn::GetAtt": ["Unpublished", "Arn"]}
    }

    queues = sorted(feed.queue for feed in cfn.feeds().values())
    assert sending == {
        "sqs:SendMessage": queues,
        "sqs:GetQueueAttributes": queues,
        "lambda:InvokeFunction": ["Audit", "OpenInvoices"],
    }


def test_the_api_reads_the_table_by_its_indexes_and_sends_nothing() -> None:
    verbs = {verb for each in statements("ApiRole") for verb in each["Action"]}
    reading = [
        text_of(resource)
        for each in statements("ApiRole")
        if "dynamodb:Query" in each["Action"]
        for resource in cfn.as_list(each["Resource"])
    ]

    assert {verb for verb in verbs if verb.startswith(("sqs:", "sns:", "lambda:"))} == set()
    indexes = {f"${{TableArn}}/index/{each}" for each in ("Billing", "GSI1", "GSI2")}
    assert set(reading) == {"TableArn"} | indexes


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (
            "TickRole",
            [(["lambda:InvokeFunction"], "OpenInvoices"), (["sqs:SendMessage"], "TickDeadLetters")],
        ),
        ("RetryTickRole", [(["lambda:InvokeFunction"], "RetryFailures")]),
        ("RemindTickRole", [(["lambda:InvokeFunction"], "RemindClients")]),
        (
            "AuditDailyRole",
            [(["lambda:InvokeFunction"], "Audit"), (["sqs:SendMessage"], "AuditDeadLetters")],
        ),
    ],
)
def test_the_scheduler_may_start_the_one_function_for_this_account_only(
    role: str, allowed: list[tuple[list[str], str]]
) -> None:
    (trust,) = ROLES[role]["AssumeRolePolicyDocument"]["Statement"]

    here = "arn:${AWS::Partition}:scheduler:${AWS::Region}:${AWS::AccountId}:"
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert trust["Condition"]["StringEquals"] == {
        "aws:SourceAccount": {"Ref": "AWS::AccountId"},
        "aws:SourceArn": {"Fn::Sub": here + "schedule-group/default"},
    }
    assert [(each["Action"], cfn.named(each["Resource"])) for each in statements(role)] == allowed


def test_who_decides_who_asks_may_read_one_item_and_nothing_else() -> None:
    reading = [
        (each["Action"], cfn.named(each["Resource"]))
        for each in statements("AuthorizeRole")
        if not {*each["Action"]} <= TRACING and not any("logs:" in verb for verb in each["Action"])
    ]

    assert reading == [(["dynamodb:GetItem"], "TableArn")]


def test_mail_is_sent_from_the_one_address_that_was_verified() -> None:
    (mailing,) = [
        each for each in statements("DeliverInvoicesRole") if each["Action"] == ["ses:SendRawEmail"]
    ]

    here = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/"
    domain = {"Fn::Select": [1, {"Fn::Split": ["@", {"Ref": "SenderAddress"}]}]}
    assert mailing["Resource"] == [
        {"Fn::Sub": here + "${SenderAddress}"},
        {"Fn::Sub": [here + "${Domain}", {"Domain": domain}]},
        {"Fn::Sub": here.replace("identity/", "configuration-set/${MailConfigurationSet}")},
    ]
    assert mailing["Condition"] == {"StringEquals": {"ses:FromAddress": {"Ref": "SenderAddress"}}}


def test_the_api_reads_stores_and_counts_and_deletes_nothing() -> None:
    table = {"Fn::ImportValue": {"Fn::Sub": "invoicely-${Environment}-TableArn"}}
    verbs = [set(each["Action"]) for each in statements("ApiRole") if each["Resource"] == table]

    assert verbs == [
        {f"dynamodb:{verb}" for verb in ("GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem")}
    ]


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (
            "ApiRole",
            [
                ("${DocumentsBucketArn}/*", ["s3:GetObject"]),
                ("${UploadsBucketArn}/imports/*", ["s3:GetObject", "s3:PutObject"]),
                ("UploadsBucketArn", ["s3:ListBucket"]),
            ],
        ),
        (
            "ImportWorkRole",
            [("${UploadsBucketArn}/imports/*", ["s3:GetObject"]), ("UploadsBucketArn", ["s3:ListBucket"])],
        ),
    ],
)
def test_uploads_are_signed_for_by_the_api_and_read_by_the_import(
    role: str, allowed: list[tuple[str, list[str]]]
) -> None:
    found = [
        (text_of(each["Resource"]), sorted(each["Action"]))
        for each in statements(role)
        if each["Action"][0].startswith("s3:")
    ]

    assert found == allowed


def test_who_reminds_finds_invoices_by_one_index_and_mails_nothing() -> None:
    found = [
        (sorted(each["Action"]), text_of(each["Resource"]))
        for each in statements("RemindClientsRole")
        if not {*each["Action"]} <= TRACING and not any("logs:" in verb for verb in each["Action"])
    ]

    assert found == [
        (["dynamodb:Query"], "${TableArn}/index/GSI2"),
        (["dynamodb:GetItem", "dynamodb:PutItem"], "TableArn"),
    ]


def test_the_tick_reads_what_is_due_and_the_lines_of_what_is_held_and_takes_no_numbers() -> None:
    found = [
        (sorted(each["Action"]), [text_of(resource) for resource in cfn.as_list(each["Resource"])])
        for each in statements("OpenInvoicesRole")
        if any(verb.startswith("dynamodb:") for verb in each["Action"])
    ]

    assert found == [
        (["dynamodb:Query"], [f"${{TableArn}}/index/{each}" for each in ("GSI1", "GSI2", "Billing")]),
        ([f"dynamodb:{verb}" for verb in ("BatchGetItem", "DeleteItem", "GetItem", "PutItem")], ["TableArn"]),
    ]
