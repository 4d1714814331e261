"""Deploys both stacks to ministack.

    infrastructure/stacks/data.yaml ──adapted──▶ invoicely-data-local
    template.yaml + the code as a zip ─adapted─▶ invoicely-local

They are the templates that go to AWS, with the parameters that samconfig.toml names for `local`, and they
stay so: what ministack needs otherwise is adapted in memory.
"""

import json
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from infrastructure.local_cloud import adapting, mending
from infrastructure.local_cloud.cloud import Access, LocalCloud, SignIn
from infrastructure.local_cloud.errors import DeploymentError
from infrastructure.local_cloud.names import ENVIRONMENT, REGION, REPOSITORY
from infrastructure.local_cloud.package import Code
from infrastructure.local_cloud.progress import Progress
from infrastructure.local_cloud.stacks import Stacks
from infrastructure.local_cloud.state import State
from infrastructure.local_cloud.templates import Template, load

DATA_TEMPLATE = "infrastructure/stacks/data.yaml"
TEMPLATE = "template.yaml"
SETTINGS = "samconfig.toml"
DATA_STACK = f"invoicely-data-{ENVIRONMENT}"
STACK = f"invoicely-{ENVIRONMENT}"
CODE_BUCKET = f"invoicely-{ENVIRONMENT}-code"
USER = SignIn(email="you@invoicely.example", password="local-cloud-only")  # noqa: S106 - of a cloud on 127.0.0.1


def deploy(
    running: State,
    *,
    mailbox: Path,
    progress: Progress,
    parameters: Mapping[str, str],
    root: Path = REPOSITORY,
) -> LocalCloud:
    """Deploy both stacks, or what changed in them, and mend what ministack left out.

    *parameters* of the application's stack win over those that stand in samconfig.toml.

    Raises:
        DeploymentError: a stack or a call was refused or failed.
    """
    try:
        return _deploy_both(running, mailbox, progress, parameters, root)
    except (BotoCoreError, ClientError) as error:
        raise DeploymentError(f"ministack failed on a call, its log may say why: {error}") from error


def _deploy_both(
    running: State, mailbox: Path, progress: Progress, wanted: Mapping[str, str], root: Path
) -> LocalCloud:
    access = running.access
    stacks = Stacks(access.session().client("cloudformation", **access.here()))
    progress.step("Deploying the data stack")
    data, settings = load(root / DATA_TEMPLATE), parameters(root / SETTINGS)
    _adapt(data, progress)
    stacks.deploy(DATA_STACK, data, settings[DATA_STACK])
    progress.step("Deploying the application stack")
    application, code = load(root / TEMPLATE), Code.read(root)
    _upload(access, code)
    adapting.code_at(application, CODE_BUCKET, code)
    for note in adapting.adapt_for_faults(application, access.endpoint) if running.proxy else ():
        progress.detail(f"adapted for faults: {note}")
    _adapt(application, progress)
    keys = _keys_of_users(access, stacks.outputs(DATA_STACK)["UserPoolId"])
    stacks.deploy(STACK, _store(access, application), {**settings[STACK], **keys, **wanted})
    cloud = _describe(running, stacks, mailbox, sender=settings[STACK]["SenderAddress"])
    for note in mending.mend(access, data, cloud):
        progress.detail(f"adapted for the local cloud: {note}")
    return cloud


def replace_code(cloud: LocalCloud, *, root: Path = REPOSITORY) -> None:
    """Let all functions run the code as it is now, without CloudFormation."""
    code = Code.read(root)
    _upload(cloud.access, code)
    functions = cloud.access.session().client("lambda", **cloud.access.here())
    for short, name in cloud.functions.items():
        key = code.of(short.replace("-", "_")).key
        functions.update_function_code(FunctionName=name, S3Bucket=CODE_BUCKET, S3Key=key)


def _upload(access: Access, code: Code) -> None:
    """Put the code where CloudFormation and Lambda fetch it; what was there before, nobody needs any more."""
    s3 = access.session().client("s3", **access.here())
    with suppress(s3.exceptions.BucketAlreadyOwnedByYou):
        s3.create_bucket(Bucket=CODE_BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    zips = {package.key: package for package in (code.plain, code.rendering)}
    stored = {stored["Key"] for stored in s3.list_objects_v2(Bucket=CODE_BUCKET).get("Contents", [])}
    for key in zips.keys() - stored:
        s3.put_object(Bucket=CODE_BUCKET, Key=key, Body=zips[key].content)
    for key in stored - zips.keys():
        s3.delete_object(Bucket=CODE_BUCKET, Key=key)


def parameters(settings: Path) -> dict[str, dict[str, str]]:
    """Read what each of the local stacks is given, by its name."""
    environments = tomllib.loads(settings.read_text())
    ours = [environments[name]["deploy"]["parameters"] for name in (ENVIRONMENT, f"{ENVIRONMENT}-data")]
    return {
        stack["stack_name"]: dict(pair.split("=", 1) for pair in stack["parameter_overrides"].split())
        for stack in ours
    }


def _adapt(template: Template, progress: Progress) -> None:
    for note in adapting.adapt(template):
        progress.detail(f"adapted for the local cloud: {note}")


def _keys_of_users(access: Access, pool: str) -> dict[str, str]:
    """Where ministack publishes the pool's keys: its tokens name AWS as their issuer, which has others."""
    return {"OidcJwksUrl": f"{access.endpoint}/{pool}/.well-known/jwks.json"}


def _store(access: Access, template: Template) -> str:
    """Put a template beside the code, as `sam deploy` does: a call holds 51,200 bytes, it has more."""
    s3 = access.session().client("s3", **access.here())
    s3.put_object(Bucket=CODE_BUCKET, Key=f"{STACK}.json", Body=json.dumps(template).encode())
    return f"{access.endpoint}/{CODE_BUCKET}/{STACK}.json"


def _describe(running: State, stacks: Stacks, mailbox: Path, *, sender: str) -> LocalCloud:
    access = running.access
    data = stacks.outputs(DATA_STACK)
    [api] = stacks.resources(STACK, "AWS::ApiGatewayV2::Api")
    urls = stacks.resources(STACK, "AWS::SQS::Queue")
    functions = stacks.resources(STACK, "AWS::Lambda::Function")
    return LocalCloud(
        access=access,
        api_url=f"{access.endpoint}/_aws/execute-api/{api}",
        table=data["TableName"],
        topic=stacks.outputs(STACK)["ChangesTopicArn"],
        bucket=data["DocumentsBucketName"],
        failures_bucket=data["FailuresBucketName"],
        uploads_bucket=data["UploadsBucketName"],
        user_pool=data["UserPoolId"],
        client_id=data["UserPoolClientId"],
        queues={_short(url.rpartition("/")[2]): url for url in urls},
        functions={_short(name): name for name in functions},
        sender=sender,
        mailbox=mailbox,
        sign_in=USER,
        proxy=running.proxy,
    )


def _short(name: str) -> str:
    return name.removeprefix(f"{STACK}-")
