"""Runs pytest again and again, in children of a process that has loaded the SDK, moto and pytest already.

A program by itself, since nothing of Invoicely may be loaded where it forks: each child takes that from its
tree. Reads a line of JSON for each run, and answers with the exit code (below zero where it was killed).
"""

import gc
import importlib
import json
import os
import sys
from multiprocessing import get_context

import pytest

_SLOW_TO_LOAD = (
    *(
        "aws_lambda_powertools",
        "boto3",
        "botocore.httpsession",
        "hypothesis.strategies",
        "moto.dynamodb.responses",
    ),
    *("moto.s3.responses", "moto.ses.responses", "moto.sns.responses", "moto.sqs.responses", "moto.backends"),
    *("pydantic.root_model", "rich.console", "tenacity", "yaml"),
)


def main() -> None:
    for module in _SLOW_TO_LOAD:
        importlib.import_module(module)
    gc.freeze()
    for line in sys.stdin:
        run = json.loads(line)
        child = get_context("fork").Process(target=_run, args=(run["tree"], run["arguments"], run["output"]))
        child.start()
        child.join(run["seconds"])
        if child.exitcode is None:
            child.kill()
            child.join()
        sys.stdout.write(f"{child.exitcode}\n")
        sys.stdout.flush()


def _run(tree: str, arguments: list[str], output: str) -> None:
    told = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(told, 1)
    os.dup2(told, 2)
    os.chdir(tree)
    os.environ["PYTHONPATH"] = tree
    sys.path.insert(0, tree)
    sys.exit(pytest.main(arguments))


if __name__ == "__main__":
    main()
