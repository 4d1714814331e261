"""The wiring loads for a function what the function uses: each import costs its cold start."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("handler", ["keep_counters", "issue_invoices", "open_invoices", "publish_changes"])
def test_what_only_the_audit_needs_is_loaded_by_the_audit_only(handler: str) -> None:
    code = f"import sys, handlers.{handler}; print(*sys.modules)"

    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    audits = {"domain.audit", "domain.proof", "domain.recounting", "domain.register", "events.republishing"}
    assert audits.isdisjoint(loaded.stdout.split())
