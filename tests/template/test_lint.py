"""The local cloud takes templates that AWS would refuse; cfn-lint knows what AWS takes."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.template import cfn


@pytest.mark.parametrize("template", ["infrastructure/stacks/data.yaml", "template.yaml"])
def test_a_template_is_clean_for_cfn_lint(template: str) -> None:
    program = Path(sys.executable).with_name("cfn-lint")

    linted = subprocess.run([program, template], cwd=cfn.ROOT, capture_output=True, text=True, check=False)

    assert (linted.returncode, linted.stdout, linted.stderr) == (0, "", "")
