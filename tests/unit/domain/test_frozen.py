"""What was frozen once, as it was stored then, has the same content and the same hash for ever."""

import json
from typing import Any

import pytest

from domain import chain
from domain.chain import Place
from domain.credit_documents import credit_note_frozen
from domain.credit_notes import CreditNote
from domain.documents import InvoiceDocument
from domain.invoices import Invoice
from domain.printing import frozen_of
from domain.work import WorkEntry
from infrastructure import codec
from tests.aws_events import PAYLOADS
from tests.builders import ADA

GOLDEN = {path.stem: json.loads(path.read_text()) for path in sorted((PAYLOADS / "frozen").glob("*.json"))}
SERIES = {"inv": "2026-{seq}", "crn": "CN-2026-{seq}"}
BREAKS = """What was issued long ago says something else now. Its hash is stored, and so are the
hashes of all documents behind it: with this change the audit calls each series of every account
broken. Give a new field a default that says nothing (null, false, "" or an empty list), fill it only
in what is issued from now on, and change neither a field nor its value.
Never change the files in tests/payloads/frozen."""


@pytest.mark.parametrize("golden", GOLDEN.values(), ids=GOLDEN.keys())
def test_what_was_frozen_once_keeps_its_content_and_its_hash(golden: dict[str, Any]) -> None:
    content = chain.content(frozen(golden["stored"]), place(golden["stored"]))

    assert json.loads(content) == golden["content"], BREAKS
    assert chain.sha256_of(content) == golden["content_sha256"], BREAKS


@pytest.mark.parametrize("golden", GOLDEN.values(), ids=GOLDEN.keys())
def test_the_hash_is_the_one_that_was_stored_when_it_was_issued(golden: dict[str, Any]) -> None:
    stored = golden["stored"]

    issued = stored.get("credit_note", stored["invoice"])

    assert issued["content_sha256"] == golden["content_sha256"]
    assert issued["chain_sha256"] == chain.link(None, golden["content_sha256"])


def frozen(stored: dict[str, Any]) -> InvoiceDocument:
    invoice = codec.decode(Invoice, stored["invoice"])
    lines = [codec.decode(WorkEntry, line) for line in stored["lines"]]
    if "credit_note" in stored:
        return credit_note_frozen(codec.decode(CreditNote, stored["credit_note"]), invoice, lines)
    return frozen_of(invoice, lines)


def place(stored: dict[str, Any]) -> Place:
    """Each is the first of its series."""
    issued = stored.get("credit_note", stored["invoice"])
    return Place(account_id=ADA, series=SERIES[issued["id"][:3]], position=1)
