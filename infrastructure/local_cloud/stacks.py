"""Creates or updates a CloudFormation stack and waits for it."""

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from infrastructure.local_cloud.errors import DeploymentError
from infrastructure.local_cloud.templates import Template

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_cloudformation.type_defs import StackTypeDef

PATIENCE = 60.0
"""Seconds that a stack may take; it takes one or two."""


@dataclass(frozen=True, slots=True)
class Stacks:
    """The stacks of one account."""

    cloudformation: "CloudFormationClient"

    def deploy(self, name: str, template: Template | str, parameters: "Mapping[str, str]") -> None:
        """Make the stack what the template says; where it is longer than a call holds, what its URL says.

        Raises:
            DeploymentError: it could not be made so.
        """
        verb = self.cloudformation.update_stack if self._exists(name) else self.cloudformation.create_stack
        try:
            verb(
                StackName=name,
                **self._said(template),
                Parameters=[{"ParameterKey": key, "ParameterValue": parameters[key]} for key in parameters],
                Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
            )
        except ClientError as error:
            if "No updates are to be performed" in str(error):
                return
            raise DeploymentError(f"Stack {name} was refused: {error}") from error
        self._wait(name)

    def _said(self, template: Template | str) -> "dict[str, Any]":
        return (
            {"TemplateURL": template} if isinstance(template, str) else {"TemplateBody": json.dumps(template)}
        )

    def outputs(self, name: str) -> dict[str, str]:
        """Read what the stack tells about itself."""
        outputs = self._describe(name).get("Outputs", [])
        return {output["OutputKey"]: output["OutputValue"] for output in outputs}

    def resources(self, name: str, kind: str) -> list[str]:
        """List the physical names of the stack's resources of one type."""
        pages = self.cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
        summaries = [summary for page in pages for summary in page["StackResourceSummaries"]]
        return [summary["PhysicalResourceId"] for summary in summaries if summary["ResourceType"] == kind]

    def _exists(self, name: str) -> bool:
        try:
            self._describe(name)
        except ClientError:
            return False
        return True

    def _describe(self, name: str) -> "StackTypeDef":
        return self.cloudformation.describe_stacks(StackName=name)["Stacks"][0]

    def _wait(self, name: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while (status := self._describe(name)["StackStatus"]).endswith("_IN_PROGRESS"):
            if time.monotonic() > deadline:
                raise DeploymentError(f"Stack {name} is still {status} after {PATIENCE:.0f} s")
            time.sleep(0.02)
        if status not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
            raise DeploymentError(f"Stack {name} is {status}: {'; '.join(self._reasons(name))}")

    def _reasons(self, name: str) -> list[str]:
        events = self.cloudformation.describe_stack_events(StackName=name)["StackEvents"]
        return [
            f"{event.get('LogicalResourceId')}: {event.get('ResourceStatusReason')}"
            for event in reversed(events)
            if event.get("ResourceStatus", "").endswith("_FAILED")
        ]
