"""`invoicely` as somebody at a terminal has it: arguments in, an exit code and two streams out."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from domain.identifiers import AccountId
from handlers.cli.main import run

ME = AccountId(f"acc_{'a' * 32}")


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def errors(self) -> list[str]:
        return self.err.splitlines()

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


@dataclass(frozen=True)
class Terminal:
    """Where commands are run in this process."""

    captured: pytest.CaptureFixture[str]

    def __call__(self, *arguments: object) -> Ended:
        code = run([str(argument) for argument in arguments])
        return Ended(code, *self.captured.readouterr())
