"""The commands of README.md work as they are written."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.e2e


def test_a_newcomer_can_try_it(tmp_path: Path) -> None:
    section = (ROOT / "README.md").read_text(encoding="utf-8").partition("\n## Try it\n")[2]
    commands = re.search(r"```sh\n(.*?)```", section, re.DOTALL)
    assert commands

    # A cloud of its own, so that nobody's running one is touched.
    private = os.environ | {"INVOICELY_HOME": str(tmp_path / "cloud"), "NO_COLOR": "1"}
    script = ["/bin/bash", "-e", "-c", commands[1]]
    tried = subprocess.run(
        script, check=False, cwd=ROOT, env=private, capture_output=True, text=True, timeout=120
    )

    assert (tried.returncode, tried.stderr.count("Traceback")) == (0, 0), tried.stderr
    assert tried.stdout.count("unpaid") >= 3
