"""A function loads what it uses: each import costs its cold start."""

import subprocess
import sys

import pytest

AUDIT = {"domain.audit", "domain.proof", "domain.recounting", "domain.register", "events.republishing"}
PARTIES = {"domain.accounts", "domain.clients", "domain.numbers"}
OF_REQUESTS = ["handlers.api.billing", "handlers.api.clients", "handlers.api.invoices", "handlers.api.audit"]


@pytest.mark.parametrize(
    ("handler", "unused"),
    [
        ("keep_counters", {*AUDIT, *PARTIES, "domain.delivery"}),
        ("issue_invoices", AUDIT),
        ("open_invoices", AUDIT),
        ("publish_changes", {*AUDIT, *PARTIES, "pydantic"}),
        ("api.app", {*AUDIT, *PARTIES, "handlers.api.clients", "infrastructure.views"}),
    ],
)
def test_no_function_loads_what_only_others_use(handler: str, unused: set[str]) -> None:
    loaded = _loaded_by(f"import handlers.{handler}")

    assert unused.isdisjoint(loaded)


def test_a_request_loads_the_modules_of_what_it_asks_for() -> None:
    loaded = _loaded_by("from handlers.api.routes import route; route('GET', '/v1/clients')")

    assert [module for module in OF_REQUESTS if module in loaded] == ["handlers.api.clients"]


def _loaded_by(code: str) -> set[str]:
    """The modules that are there once this has run in a process of its own."""
    command = [sys.executable, "-c", f"{code}; import sys; print(*sys.modules)"]
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())
