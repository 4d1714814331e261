"""The commands of docs/api.md work as they are written, and answer what is shown there."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from infrastructure.local_cloud import control

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
SECTION = PAGE.partition("\n## From sign-in to invoice\n")[2].partition("\n## ")[0]
BETWEEN = "======"

MISSING = [name for name in ("bash", "curl", "jq") if not shutil.which(name)]

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(bool(MISSING), reason=f"the page needs {', '.join(MISSING)}"),
]


class Walk(NamedTuple):
    """What came of the page's commands: what each block printed, the statuses, and the PDF."""

    outputs: dict[str, str]
    statuses: list[str]
    document: bytes

    def of(self, words: str) -> str:
        """The output of the one block that has these words."""
        [output] = [output for block, output in self.outputs.items() if words in block]
        return output.strip()


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    """The walk-through in a folder of its own, as if it were the clone, with a cloud of its own."""
    folder = tmp_path_factory.mktemp("clone")
    (folder / ".venv").symlink_to(ROOT / ".venv")
    (folder / ".curlrc").write_text('write-out = "%{stderr}HTTP %{http_code}\\n"')
    private = os.environ | {
        "INVOICELY_HOME": str(folder / "cloud"),
        "CURL_HOME": str(folder),
        "NO_COLOR": "1",
    }
    blocks = shown("sh")
    script = ["/bin/bash", "-e", "-c", f"echo; echo {BETWEEN}\n".join(blocks)]
    try:
        run = subprocess.run(
            script, check=False, cwd=folder, env=private, capture_output=True, text=True, timeout=180
        )
        assert run.returncode == 0, run.stderr
        outputs = dict(zip(blocks, run.stdout.split(f"\n{BETWEEN}\n"), strict=True))
        statuses = re.findall(r"^HTTP (\d+)$", run.stderr, re.MULTILINE)
        yield Walk(outputs, statuses, (folder / "invoice.pdf").read_bytes())
    finally:
        control.down(folder / "cloud")


def shown(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", SECTION, re.DOTALL)


def test_it_ends_with_an_issued_invoice_and_its_pdf(walk: Walk) -> None:
    [_, told] = map(json.loads, shown("json"))

    found = json.loads(walk.of('api "$INVOICE" | jq'))

    assert re.fullmatch(r"\d{4}-0001", found["number"])
    assert found | {"number": told["number"]} == told
    assert walk.document.startswith(b"%PDF")


def test_nothing_is_refused_but_what_is_wrong_on_purpose(walk: Walk) -> None:
    assert [status for status in walk.statuses if status >= "300"] == ["422"]
    assert walk.statuses.count("202") == 1
    assert walk.statuses.count("201") == 5


def test_what_is_sent_again_is_answered_the_same(walk: Walk) -> None:
    first = walk.of("ENTRY=")

    headers, _, again = walk.of("--include").partition("\n\n")

    assert json.loads(first)["description"] == "Concept"
    assert again == first
    assert [line for line in headers_of(shown("http")[0]) if line not in headers_of(headers)] == []


def headers_of(text: str) -> list[str]:
    """The lines of a header; ids differ."""
    return [re.sub(r"wrk_\w+", "wrk_…", line) for line in text.strip().splitlines()]


def test_the_work_was_corrected_and_listed(walk: Walk) -> None:
    assert json.loads(walk.of('If-Match: "1"'))["minutes"] == 105
    assert walk.of("cursor=$CURSOR") == '"Translation"'


def test_what_is_wrong_is_told_as_the_page_shows_it(walk: Walk) -> None:
    [told, _] = map(json.loads, shown("json"))

    found = json.loads(walk.of('"minutes": 0'))

    assert without(found, "request_id") == without(told, "request_id")


def without(problem: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in problem.items() if key != name}


def test_the_invoice_was_foreseen_is_counted_and_numbered_and_nothing_failed(walk: Walk) -> None:
    invoice = json.loads(walk.of('api "$INVOICE" | jq'))

    assert json.loads(walk.of("invoice-preview"))["total"] == invoice["total"]
    assert '"currency": "EUR"' in walk.of("/v1/totals")
    assert json.loads(walk.of("/v1/audit/numbering"))["clean"] is True
    assert json.loads(walk.of("/v1/failures")) == {"data": [], "has_more": False}
