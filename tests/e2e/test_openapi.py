"""The API does what its OpenAPI document says, whatever it is sent: Schemathesis against the local cloud.

`make fuzz-api` does the same for longer: INVOICELY_FUZZ_EXAMPLES cases an operation.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from infrastructure.local_cloud.cloud import LocalCloud
from tests.e2e.visitors import signed_up

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(3600)]

ACCOUNT = {
    "name": "Fay Fuzz",
    "email": "fay@example.com",
    "address": {"street": "Invalidenstrasse 1", "city": "Berlin", "country": "DE"},
    "currency": "EUR",
    "time_zone": "Europe/Berlin",
    "tax_id": "DE136695976",
}
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
    "allow_header_conformance",
    "use_after_free",
    "ensure_resource_availability",
    "ignored_auth",
)
CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
EXAMPLES = os.environ.get("INVOICELY_FUZZ_EXAMPLES", "5")


def test_there_is_no_answer_that_the_document_does_not_promise(deployed: LocalCloud, tmp_path: Path) -> None:
    fay = signed_up(deployed, "fay@fuzz.example")
    fay.put("/account", ACCOUNT)
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIGURATION)]
    command += ["run", f"{deployed.api_url}/v1/openapi.json"]
    command += ["--url", deployed.api_url, "--header", f"Authorization: Bearer {fay.token}"]
    command += ["--checks", ",".join(CHECKS), "--max-examples", EXAMPLES, "--workers", "2"]
    command += ["--phases", "examples,coverage,fuzzing,stateful", "--generation-deterministic"]
    command += ["--continue-on-failure", "--no-color", "--warnings", "off"]

    run = subprocess.run(command, check=False, cwd=tmp_path, capture_output=True, text=True)

    assert run.returncode == 0, run.stdout[-20_000:] + run.stderr[-2_000:]
