"""Audit, repair and republishing on the local cloud: from the command line, and by the daily function."""

import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from infrastructure.local_cloud import logs
from infrastructure.local_cloud.cloud import LocalCloud
from tests.e2e.visitors import eventually

ROOT = Path(__file__).parents[2]
MONTH = [dt.datetime(2025, 11, day, 3, tzinfo=dt.UTC) for day in range(1, 31)]


class Shell:
    """Where an operator calls `invoicely` for one account."""

    def __init__(self, cloud: LocalCloud) -> None:
        self.account = f"acc_{uuid4().hex}"
        self._environment = os.environ | cloud.environment() | {"INVOICELY_ACCOUNT": self.account}
        del self._environment["INVOICELY_ENVIRONMENT"]  # it would look for the cloud of a folder

    def __call__(self, *arguments: str) -> tuple[int, Any]:
        program = Path(sys.executable).with_name("invoicely")
        ended = subprocess.run(
            [program, *arguments, "--json"],
            check=False,
            cwd=ROOT,
            env=self._environment,
            capture_output=True,
            text=True,
        )
        assert ended.stdout, ended.stderr
        return ended.returncode, json.loads(ended.stdout)


@pytest.fixture(scope="module")
def shell(deployed: LocalCloud) -> Shell:
    """An account with a month of work for three clients that is counted."""
    shell = Shell(deployed)
    shell("account", "set", "--from", "examples/account.toml")
    for client in ("suessmilch", "hudson", "midori"):
        shell("clients", "add", "--from", f"examples/clients/{client}.toml")
    shell("work", "import", "examples/toggl-october-2026.csv")
    eventually(lambda: shell("counters", "verify")[1]["proven"]["pending"] == 0)
    return shell


def test_a_deleted_counter_is_found_and_made_right(deployed: LocalCloud, shell: Shell) -> None:
    client, *_ = shell("clients", "list")[1]
    right = shell("audit")
    dynamodb = deployed.access.session().client("dynamodb", **deployed.access.here())
    key = {"PK": {"S": f"ACCOUNT#{shell.account}"}, "SK": {"S": f"COUNTER#{client['id']}"}}
    dynamodb.delete_item(TableName=deployed.table, Key=key)

    code, found = shell("audit")
    _, rebuilt = shell("counters", "rebuild")

    assert (right[0], right[1]["proven"]["entries"]) == (0, 236)
    assert (code, {each["code"] for each in found["findings"]}) == (1, {"counter-differs"})
    assert [each["client_id"] for each in rebuilt["rebuilt"]] == [client["id"]]
    assert shell("audit") == right


def test_publishing_all_again_changes_nothing(shell: Shell) -> None:
    before = shell("counters", "show")

    published = shell("events", "republish")

    assert published == (0, {"records": 241, "aside": 0, "unreadable": []})
    assert shell("counters", "show") == before
    assert shell("counters", "rebuild") == (0, {"clients": 3, "rebuilt": [], "failed": []})


def test_the_daily_function_audits_everybody_within_a_month(deployed: LocalCloud, shell: Shell) -> None:
    functions = deployed.access.session().client("lambda", **deployed.access.here())

    def audit(day: dt.datetime) -> str | None:
        event = json.dumps({"time": day.isoformat()}).encode()
        answer = functions.invoke(FunctionName=deployed.functions["audit"], Payload=event)
        error: str | None = answer.get("FunctionError")
        return error

    assert [audit(day) for day in MONTH] == [None] * len(MONTH)
    eventually(lambda: len(told_by_the_audit(deployed)) >= len(MONTH))
    told = told_by_the_audit(deployed)
    assert sum(line["proven"]["clients"] for line in told) >= 3
    assert [each for line in told for each in line["findings"] if each["account"] == shell.account] == []


def told_by_the_audit(cloud: LocalCloud) -> list[Any]:
    lines = [line.message for line in logs.read(cloud, "audit")]
    return [json.loads(line) for line in lines if '"message":"audit done"' in line]
