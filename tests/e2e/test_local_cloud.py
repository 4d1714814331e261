"""A local cloud that runs: what was deployed, and what can be asked of it."""

import json
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from infrastructure.local_cloud import control, logs, users
from infrastructure.local_cloud.cloud import LocalCloud
from infrastructure.local_cloud.errors import (
    DeploymentError,
    LocalCloudError,
    UnknownFunctionError,
)
from infrastructure.local_cloud.stacks import Stacks
from tests.e2e.visitors import eventually


class Steps:
    """Hears what the local cloud does."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.details: list[str] = []

    def step(self, text: str) -> None:
        self.steps.append(text)

    def detail(self, text: str) -> None:
        self.details.append(text)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cloud that the tests of this module only look at."""
    folder = tmp_path_factory.mktemp("shared")
    control.up(folder, tie_to_parent=True)
    yield folder
    control.down(folder)


@pytest.fixture
def cloud(shared: Path) -> LocalCloud:
    return control.connect(shared)


def client(cloud: LocalCloud, service: str) -> Any:
    return cloud.access.session().client(service, **cloud.access.here())  # type: ignore[call-overload] # any service


def test_a_running_cloud_is_brought_up_to_date_and_stays_the_same(shared: Path, cloud: LocalCloud) -> None:
    heard = Steps()

    again = control.up(shared, progress=heard)

    assert again == cloud
    assert heard.steps[0] == f"Already running at {cloud.access.endpoint}: bringing it up to date"


def test_says_how_it_differs_from_aws(shared: Path) -> None:
    heard = Steps()

    control.up(shared, progress=heard)

    assert "adapted for the local cloud: sns:PublishBatch allowed where sns:Publish is" in heard.details


def test_has_what_cloudformation_left_out(cloud: LocalCloud) -> None:
    dynamodb = client(cloud, "dynamodb")

    expiry = dynamodb.describe_time_to_live(TableName=cloud.table)["TimeToLiveDescription"]
    backups = dynamodb.describe_continuous_backups(TableName=cloud.table)["ContinuousBackupsDescription"]

    assert expiry == {"AttributeName": "expires_at", "TimeToLiveStatus": "ENABLED"}
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"


def test_a_function_is_held_to_its_role(cloud: LocalCloud) -> None:
    role = client(cloud, "lambda").get_function_configuration(FunctionName=cloud.functions["open-invoices"])[
        "Role"
    ]
    assumed = client(cloud, "sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    dynamodb = boto3.client(
        "dynamodb",
        aws_access_key_id=assumed["AccessKeyId"],
        aws_secret_access_key=assumed["SecretAccessKey"],
        aws_session_token=assumed["SessionToken"],
        region_name=cloud.access.region,
        **cloud.access.here(),
    )

    assert dynamodb.get_item(TableName=cloud.table, Key={"PK": {"S": "A"}, "SK": {"S": "B"}})
    with pytest.raises(ClientError, match="not authorized to perform: dynamodb:Scan"):
        dynamodb.scan(TableName=cloud.table)


def test_a_stack_that_fails_says_why(cloud: LocalCloud) -> None:
    properties = {"FunctionName": "nobodys", "Qualifier": "1"}
    nobodys = {"Type": "AWS::Lambda::EventInvokeConfig", "Properties": properties}

    with pytest.raises(
        DeploymentError, match=r"Stack broken is ROLLBACK_COMPLETE: It: .* not found: nobodys"
    ):
        Stacks(client(cloud, "cloudformation")).deploy("broken", {"Resources": {"It": nobodys}}, {})


def test_a_template_that_is_refused_says_why(cloud: LocalCloud) -> None:
    unknown = {"Type": "AWS::Unknown::Thing"}

    with pytest.raises(DeploymentError, match="AWS::Unknown::Thing"):
        Stacks(client(cloud, "cloudformation")).deploy("refused", {"Resources": {"It": unknown}}, {})


def test_the_announced_user_can_sign_in(cloud: LocalCloud) -> None:
    tokens = users.sign_in(cloud, cloud.sign_in.email, cloud.sign_in.password)

    assert tokens.id.count(".") == tokens.access.count(".") == 2


def test_whoever_signs_up_can_sign_in(cloud: LocalCloud) -> None:
    users.sign_up(cloud, "frida@example.com", "a long enough one")

    assert users.sign_in(cloud, "frida@example.com", "a long enough one").refresh


def test_a_mail_that_is_sent_lies_in_the_mailbox(cloud: LocalCloud) -> None:
    mail = EmailMessage()
    mail["Subject"], mail["To"] = "Invoice 42", "anna@client.example"
    mail.set_content("Dear Anna")

    client(cloud, "ses").send_raw_email(Source=cloud.sender, RawMessage={"Data": mail.as_bytes()})

    eventually(lambda: bool(list(cloud.mailbox.glob("*anna@client.example.eml"))))
    [file] = cloud.mailbox.glob("*anna@client.example.eml")
    assert b"Subject: Invoice 42\r\n" in file.read_bytes()


def test_only_the_verified_sender_may_send(cloud: LocalCloud) -> None:
    with pytest.raises(ClientError, match="Email address is not verified"):
        client(cloud, "ses").send_raw_email(
            Source="stranger@example.org", Destinations=["anna@client.example"], RawMessage={"Data": b"\r\n"}
        )


def test_an_update_replaces_the_code_of_every_function(shared: Path, cloud: LocalCloud) -> None:
    functions = client(cloud, "lambda")
    for name in cloud.functions.values():
        functions.update_function_code(FunctionName=name, ZipFile=b"PK\5\6" + bytes(18))

    control.update(shared)

    sizes = [
        functions.get_function(FunctionName=name)["Configuration"]["CodeSize"]
        for name in cloud.functions.values()
    ]
    assert min(sizes) > 10_000


def test_what_functions_log_can_be_read_and_is_read_once(cloud: LocalCloud) -> None:
    client(cloud, "lambda").invoke(FunctionName=cloud.functions["open-invoices"], Payload=json.dumps({}))

    lines = [line.message.split()[0] for line in logs.read(cloud, "open-invoices")]

    assert lines.count("START") == lines.count("REPORT") == 1


def test_the_log_of_a_function_that_is_not_there_is_refused(cloud: LocalCloud) -> None:
    with pytest.raises(UnknownFunctionError):
        next(logs.read(cloud, "close-invoices"))


def test_a_running_cloud_cannot_be_tied_any_more(shared: Path) -> None:
    with pytest.raises(LocalCloudError):
        control.up(shared, tie_to_parent=True)
