"""A client that a public generator makes of the OpenAPI document goes from sign-in to invoice."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from infrastructure.local_cloud.cloud import LocalCloud
from tests.e2e.visitors import fetched, signed_up

SCRIPT = Path(__file__).with_name("generated_client.py")

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def generated(deployed: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the package `invoicely_client`, of which the generator had nothing to complain."""
    folder = tmp_path_factory.mktemp("generated")
    document, settings = folder / "openapi.json", folder / "settings.json"
    document.write_bytes(fetched(f"{deployed.api_url}/v1/openapi.json").body)
    settings.write_text(json.dumps({"post_hooks": []}))  # nobody reads it, so nothing has to format it
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning"]
    command += ["--path", str(document), "--config", str(settings), "--meta", "none"]
    command += ["--output-path", str(folder / "invoicely_client")]
    made = subprocess.run(command, check=False, cwd=folder, capture_output=True, text=True, timeout=60)
    assert made.returncode == 0, made.stdout + made.stderr
    return folder


def ran(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """What came of a Python program that finds the generated package."""
    private = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return subprocess.run(
        [sys.executable, *command],
        check=False,
        cwd=folder,
        env=private | {"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        timeout=180,
    )


def test_it_goes_from_the_account_to_an_issued_invoice(deployed: LocalCloud, generated: Path) -> None:
    gen = signed_up(deployed, "gen@generated.example")

    run = ran(generated, "-W", "error", str(SCRIPT), deployed.api_url, gen.token or "")

    assert run.returncode == 0, run.stdout + run.stderr
    told = json.loads(run.stdout)
    assert re.fullmatch(r"\d{4}-0001", told["number"])
    assert told["total"] == 10000
    assert told["refused"] == ["/minutes", "Forbidden"]
    assert fetched(told["pdf"]).body.startswith(b"%PDF")


def test_its_types_say_what_is_taken_and_given(generated: Path) -> None:
    checked = ran(generated, "-m", "mypy", "--strict", "--follow-imports", "silent", str(SCRIPT))

    assert checked.returncode == 0, checked.stdout
