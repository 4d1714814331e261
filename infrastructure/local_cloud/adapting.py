"""What the templates say for AWS and ministack 1.5.33 would misunderstand, said in its words.

Each adaptation changes the template in place and returns what it changed; the templates in the repository
stay as they are for AWS.
"""

from collections.abc import Callable, Iterator
from typing import Any

from infrastructure.local_cloud import whole_batches
from infrastructure.local_cloud.package import Code
from infrastructure.local_cloud.templates import Template, resources

TICK = "<aws.scheduler.scheduled-time>"

BATCHES = {
    action: f"{action}Batch"
    for action in ("sns:Publish", "sqs:SendMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility")
}


def adapt(template: Template) -> list[str]:
    """Make a template fit ministack; each line returned tells one difference to AWS."""
    return list(dict.fromkeys(note for adaptation in _ADAPTATIONS for note in adaptation(template)))


def code_at(template: Template, bucket: str, code: Code) -> None:
    """Let every function run the zip that was uploaded for it, as `sam package` does."""
    for _, function in resources(template, "AWS::Serverless::Function"):
        handler = function["Properties"]["Handler"].split(".")[1]
        function["Properties"]["CodeUri"] = {"Bucket": bucket, "Key": code.of(handler).key}


def adapt_for_faults(template: Template, endpoint: str) -> list[str]:
    """Make a template fit a cloud whose functions call by way of a proxy; *endpoint* is ministack's own."""
    return [*_hasten(template), *_sign_for(endpoint, template)]


def _hasten(template: Template) -> Iterator[str]:
    """Let a function of a queue give up after a fifth of its time, and what it left come again soon after.

    Nobody would wait for minutes to see a lost message come again. The queue hides a message for twice the
    function's time, where AWS recommends six times.
    """
    seconds: dict[str, int] = {}
    for _, mapping in resources(template, "AWS::Lambda::EventSourceMapping"):
        match mapping["Properties"]:
            case {"EventSourceArn": {"Fn::GetAtt": [queue, "Arn"]}, "FunctionName": {"Ref": function}}:
                properties = template["Resources"][function]["Properties"]
                given = seconds.setdefault(function, properties["Timeout"] // 5)
                properties["Timeout"] = given
                template["Resources"][queue]["Properties"]["VisibilityTimeout"] = 2 * given
                yield f"{function} has {given} s, and {queue} gives a message again after {2 * given} s"


def _sign_for(endpoint: str, template: Template) -> Iterator[str]:
    """Let the HTTP API sign addresses of documents that lead to ministack: no other would hold."""
    for name, function in resources(template, "AWS::Serverless::Function"):
        if function["Properties"]["Handler"].startswith("handlers.api."):
            variables = function["Properties"].setdefault("Environment", {}).setdefault("Variables", {})
            variables["AWS_ENDPOINT_URL_S3"] = endpoint
            yield f"{name} signs addresses that lead past the proxy"


def _fail_batches_whole(template: Template) -> Iterator[str]:
    """Let functions of a stream fail as a whole; see `whole_batches`."""
    for _, mapping in resources(template, "AWS::Lambda::EventSourceMapping"):
        match mapping["Properties"]:
            case {"StartingPosition": _, "FunctionName": {"Ref": name}}:
                function = template["Resources"][name]["Properties"]
                variables = function.setdefault("Environment", {}).setdefault("Variables", {})
                variables[whole_batches.HANDLER] = function["Handler"]
                function["Handler"] = f"{whole_batches.__name__.rpartition('.')[2]}.handler"
                yield f"{name} fails as a whole where a part of its batch failed, and all of it comes again"


def _tell_the_tick_its_time(template: Template) -> Iterator[str]:
    """Fill in the placeholder of the scheduled time, which ministack would hand over as it is written.

    Its schedules fire like EventBridge's rules, and those can take the time of the event into the input. For
    `sam`, which cannot do this, the schedule is switched off in samconfig.toml; here it is on.
    """
    for name, schedule in resources(template, "AWS::Scheduler::Schedule"):
        target = schedule["Properties"]["Target"]
        if TICK in (text := target.get("Input", "")):
            del target["Input"]
            schedule["Properties"]["State"] = "ENABLED"
            target["InputTransformer"] = {
                "InputPathsMap": {"time": "$.time"},
                "InputTemplate": text.replace(f'"{TICK}"', "<time>"),
            }
            yield f"{name} is on and hands over the time when it fires, up to 10 s after the scheduled one"


def _allow_batches(template: Template) -> Iterator[str]:
    """Allow the batch calls by their own names: AWS asks for the permission of the single call."""
    for statement in _statements(template):
        actions = _actions(statement)
        batches = {action: BATCHES[action] for action in actions if action in BATCHES}
        statement["Action"] = [*actions, *batches.values()]
        yield from (f"{batch} allowed where {action} is" for action, batch in batches.items())


def _allow_mail(template: Template) -> Iterator[str]:
    """Allow every sender: ministack asks for `*` and tells none, but refuses the unverified."""
    for statement in _statements(template):
        if "ses:SendRawEmail" in _actions(statement):
            statement["Resource"] = "*"
            statement.pop("Condition", None)
            yield "ses:SendRawEmail allowed for every verified sender"


def _allow_plain_http(template: Template) -> Iterator[str]:
    """Drop what refuses calls without TLS: on 127.0.0.1 there is none."""
    for document in _documents(template):
        kept = [statement for statement in document["Statement"] if not _refuses_plain_http(statement)]
        if len(kept) < len(document["Statement"]):
            document["Statement"] = kept
            yield "what refuses plain HTTP left out of the policies"


def _refuses_plain_http(statement: dict[str, Any]) -> bool:
    condition = statement.get("Condition", {}).get("Bool", {})
    return statement["Effect"] == "Deny" and str(condition.get("aws:SecureTransport")).lower() == "false"


def _actions(statement: dict[str, Any]) -> list[str]:
    action = statement.get("Action", [])
    return [action] if isinstance(action, str) else action


def _statements(template: Template) -> Iterator[dict[str, Any]]:
    for document in _documents(template):
        yield from document["Statement"]


def _documents(part: object) -> Iterator[dict[str, Any]]:
    """Find every policy, wherever it stands."""
    if isinstance(part, dict):
        if isinstance(part.get("Statement"), list):
            yield part
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from _documents(inner)


_ADAPTATIONS: tuple[Callable[[Template], Iterator[str]], ...] = (
    _fail_batches_whole,
    _tell_the_tick_its_time,
    _allow_batches,
    _allow_mail,
    _allow_plain_http,
)
