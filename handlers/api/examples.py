"""Examples for the OpenAPI document, of one account in one month.

Tests send those of requests and get the answers that are promised; those of answers have the shapes promised.
It is one table, and long for that reason: the examples are of one story, and refer to each other.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from handlers.api.operations import Operation

Json = dict[str, Any]

_ACCOUNT_ID = "acc_7f9c2b1e4d3a4c5b8e6f0a1b2c3d4e5f"
_CLIENT_ID = "cli_06f3k9q2m4x7v1ta"
_WORK_ID = "wrk_06f3k9q2m4x7v1ta06f3mz41c8d9e2hn"
_INVOICE_ID = "inv_06f3k9q2m4x7v1ta20261020"
_PAYMENT_ID = "pay_06f3k9q2m4x7v1ta2026102006f4c1m8t5z3q9xk"
_CREDIT_NOTE_ID = "crn_06f3k9q2m4x7v1ta2026102006f4e5s7b2k9x0wm"
_PREPAYMENT_ID = "pre_06f3k9q2m4x7v1ta06f4d2n6w9y1t8zc"
_IMPORT_ID = "imp_06f3n2v7b1kq8s5d"
_TOKEN_ID = "tok_06f3p5c9w3zr6j0y"  # noqa: S105 - an id
_FAILURE_ID = "delivery:5c0e7a91f3b2"
_REPLAY_ID = "rpl_06f3s4h6y8n2p7vb"

_ADDRESS = {"street": "Invalidenstraße 1", "city": "Berlin", "postal_code": "10115", "country": "DE"}
_ACCOUNT: Json = {
    "name": "Ada Lovelace",
    "email": "ada@example.com",
    "address": _ADDRESS,
    "currency": "EUR",
    "time_zone": "Europe/Berlin",
    "language": "de",
    "tax_id": "DE136695976",
    "contact": {"name": "Charles Babbage", "telephone": "+49 30 1234567"},
}
_CLIENT: Json = {
    "name": "Acme SE",
    "email": "office@acme.example",
    "address": {"street": "Main Road 2", "city": "Dublin", "country": "IE"},
    "hourly_rate": "92.50",
    "billing_starts_on": "2026-10-01",
    "invoice_day": "last",
    "order_reference": "4500012345",
}
_WORK: Json = {
    "client_id": _CLIENT_ID,
    "date": "2026-10-05",
    "description": "Analytical engine, notes on the diagrams",
    "minutes": 90,
    "project": "Engine",
}
_TOKEN: Json = {"name": "Nightly import", "scopes": ["read", "write"]}
_CORRECTION: Json = {"reason": "The hours of 5 October were another client's"}
_PAYMENT: Json = {"amount": 10000, "paid_on": "2026-10-19", "reference": "Transfer of 19 October"}
_REFUND: Json = {"amount": 10000, "paid_on": "2026-10-23", "reference": "Refund of CN-2026-0001"}
_IMPORT: Json = {"filename": "toggl-october-2026.csv", "size": 24117, "format": "toggl"}

_FORESEEN_INVOICE: Json = {
    "invoice_id": "inv_06f3k9q2m4x7v1ta20261031",
    "client_id": _CLIENT_ID,
    "due_on": "2026-10-31",
    "period_start": "2026-10-01",
    "period_end": "2026-10-31",
    "currency": "EUR",
    "entries": 1,
    "net": 13875,
    "tax_amount": 0,
    "total": 13875,
    "missing": [],
}
_FORESEEN: Json = {"client_id": _CLIENT_ID, "is_held": False, "invoices": [_FORESEEN_INVOICE]}
_DIFFERENCE: Json = {
    "invoice_id": "inv_06f3k9q2m4x7v1ta20261031",
    "client_id": _CLIENT_ID,
    "outcome": "differs",
    "state": "issued",
    "changed": [{"what": "entries", "foreseen": "1", "actual": "2"}],
}

_REQUESTS: Mapping[str, Json] = {
    "POST /v1/invoice-previews/comparison": {"as_of": "2026-10-31", "clients": [_FORESEEN]},
    "POST /v1/invoices/{id}/review": {"decision": "hold"},
    "PUT /v1/account": _ACCOUNT,
    "POST /v1/clients": _CLIENT,
    "PATCH /v1/clients/{id}": {"hourly_rate": "95", "status": "paused"},
    "POST /v1/clients/{id}/invoices": {"until": "2026-10-20"},
    "POST /v1/invoices/{id}/payments": _PAYMENT,
    "POST /v1/invoices/{id}/credit-notes": _CORRECTION,
    "POST /v1/invoices/{id}/refunds": _REFUND,
    "POST /v1/clients/{id}/prepayments": _PAYMENT,
    "POST /v1/clients/{id}/refunds": _REFUND,
    "POST /v1/invoices/{id}/resend": {"recipient": "accounts@acme.example"},
    "POST /v1/credit-notes/{id}/resend": {"despite": "sent"},
    "POST /v1/work-entries": _WORK,
    "POST /v1/tokens": _TOKEN,
    "POST /v1/failures/{id}/discard": {"reason": "The client was a test"},
    "POST /v1/failures/replays": {"queue": "delivery", "cause": "mail-refused", "dry_run": True},
    "PATCH /v1/work-entries/{id}": {"minutes": 60, "project": None},
    "POST /v1/imports": _IMPORT,
}

_GIVEN_ACCOUNT = _ACCOUNT | {
    "id": _ACCOUNT_ID,
    "payment_terms_days": 14,
    "number_pattern": "{year}-{seq:04}",
    "small_business": False,
    "reminder_days": [],
    "complete": True,
}
_GIVEN_CLIENT: Json = _CLIENT | {
    "id": _CLIENT_ID,
    "status": "active",
    "currency": "EUR",
    "time_zone": "Europe/Berlin",
    "payment_terms_days": 14,
    "language": "de",
    "billing_period": "since_last_invoice_day",
    "grouping": "entry",
    "timesheet": False,
    "retainers": [],
    "review_days": 0,
    "adjustments": [],
    "prices_include_tax": False,
    "next_due_on": "2026-10-31",
    "prepaid": 0,
    "due_at": "2026-10-30T23:00:00Z",
}
_CHANGED_CLIENT = {name: value for name, value in _GIVEN_CLIENT.items() if name != "due_at"} | {
    "hourly_rate": "95",
    "status": "paused",
}
_GIVEN_WORK: Json = _WORK | {
    "id": _WORK_ID,
    "quantity": "1.5",
    "unit": "hour",
    "tags": [],
    "billable": True,
    "adjustments": [],
    "unit_price": "92.5",
    "amount": 13875,
    "currency": "EUR",
}
_EDITED_WORK = {name: value for name, value in _GIVEN_WORK.items() if name != "project"} | {
    "minutes": 60,
    "quantity": "1",
    "amount": 9250,
}
_LINE = _GIVEN_WORK | {"invoice_id": _INVOICE_ID}
_PERIOD: Json = {
    "client_id": _CLIENT_ID,
    "due_on": "2026-10-20",
    "period_start": "2026-10-01",
    "period_end": "2026-10-21",
    "currency": "EUR",
}
_OPEN_INVOICE = _PERIOD | {"id": _INVOICE_ID, "state": "open", "entries": 0, "net": 0}
_AMOUNTS = {"entries": 1, "net": 13875, "tax_amount": 0, "total": 13875}
_ISSUED_INVOICE = _OPEN_INVOICE | {
    **_AMOUNTS,
    "state": "issued",
    "number": "2026-0001",
    "issued_on": "2026-10-20",
    "payment_due_on": "2026-11-03",
    "payment": "unpaid",
    "paid": 0,
    "outstanding": 13875,
    "credited": 0,
    "released": 0,
}
_VOID_INVOICE = {name: value for name, value in _ISSUED_INVOICE.items() if name != "payment"} | {
    "state": "void",
    "outstanding": 0,
}
_TAX = {"category": "AE", "name": "VAT", "rate": "0"}
_SUMS = {
    "lines": 13875,
    "allowances": 0,
    "charges": 0,
    "net": 13875,
    "subtotals": [{"tax": _TAX, "net": 13875, "tax_amount": 0}],
    "tax_amount": 0,
    "gross": 13875,
    "adjustments": [],
    "prepaid": 0,
    "rounding": 0,
    "payable": 13875,
}
_TAXED = {"tax": _TAX, "prices_include_tax": False, "totals": _SUMS}
_PREVIEW: Json = (
    _PERIOD | _AMOUNTS | _TAXED | {"missing": [], "lines": [_GIVEN_WORK], "has_more_lines": False}
)
_SCHEDULE: Json = {
    "client_id": _CLIENT_ID,
    "until": "2026-11-20",
    "days": [
        {
            "due_on": "2026-10-31",
            "due_at": "2026-10-31T07:00:00Z",
            "period_start": "2026-10-01",
            "period_end": "2026-10-31",
            "reasons": [
                "the last day of October 2026",
                "08:00 in Europe/Berlin (UTC+0100) is 07:00 UTC",
                "billing starts on 2026-10-01",
                "up to the day before the invoice day",
            ],
        }
    ],
    "remarks": [],
}
_GIVEN_PAYMENT = _PAYMENT | {
    "id": _PAYMENT_ID,
    "kind": "payment",
    "invoice_id": _INVOICE_ID,
    "client_id": _CLIENT_ID,
    "currency": "EUR",
    "recorded_at": "2026-10-20T08:12:40Z",
}
_GIVEN_REFUND = (
    _GIVEN_PAYMENT
    | _REFUND
    | {
        "id": "pay_06f3k9q2m4x7v1ta202610206f5a8n3c1y9q4zrd",
        "kind": "refund",
        "amount": -10000,
        "recorded_at": "2026-10-23T09:02:11Z",
    }
)
_GIVEN_PREPAYMENT = _PAYMENT | {
    "id": _PREPAYMENT_ID,
    "kind": "payment",
    "client_id": _CLIENT_ID,
    "currency": "EUR",
    "recorded_at": "2026-10-20T08:12:40Z",
}
_TAKEN_BACK = _GIVEN_PAYMENT | {
    "id": "pay_06f3k9q2m4x7v1ta202610209r2c5x8k0d7w4hbe",
    "amount": -10000,
    "recorded_at": "2026-10-21T10:30:00Z",
    "takes_back": _PAYMENT_ID,
}
_PARTLY_PAID = _ISSUED_INVOICE | {"payment": "partly_paid", "paid": 10000, "outstanding": 3875}
_REFUNDED = _ISSUED_INVOICE | {"payment": "credited", "credited": 13875, "released": 1, "outstanding": 0}
_OPEN_CREDIT_NOTE = _CORRECTION | {
    "id": _CREDIT_NOTE_ID,
    "invoice_id": _INVOICE_ID,
    "client_id": _CLIENT_ID,
    "currency": "EUR",
    "state": "open",
    "opened_at": "2026-10-22T08:30:00Z",
    "chosen": [],
    "entries": 0,
    "net": 0,
}
_ISSUED_CREDIT_NOTE = _OPEN_CREDIT_NOTE | {
    **_AMOUNTS,
    "state": "issued",
    "credited": 13875,
    "number": "CN-2026-0001",
    "issued_on": "2026-10-22",
}
_CREDIT_NOTE = _ISSUED_CREDIT_NOTE | {
    "totals": _SUMS,
    "delivery": {"progress": "sent", "recipient": "office@acme.example", "message_id": "010201a7d9f2"},
    "lines": [_LINE],
    "has_more_lines": False,
}
_SELLER = {name: _ACCOUNT[name] for name in ("name", "address", "email", "contact")}
_BUYER = {name: _CLIENT[name] for name in ("name", "address", "email")}
_INVOICE = _ISSUED_INVOICE | {
    **_TAXED,
    "missing": [],
    "payment_terms_days": 14,
    "language": "de",
    "seller": _SELLER,
    "buyer": _BUYER,
    "order_reference": "4500012345",
    "delivery": {"progress": "sent", "recipient": "office@acme.example", "message_id": "010201a7c5e4"},
    "lines": [_LINE],
    "has_more_lines": False,
}
_BOUNCED = {
    "outcome": "bounced",
    "recipient": "office@acme.example",
    "reason": "Permanent, General: smtp; 550 5.1.1 user unknown",
    "at": "2026-10-20T09:00:31Z",
    "for_good": True,
}
_RESENT = {
    "progress": "pending",
    "recipient": "accounts@acme.example",
    "earlier": [
        {
            "progress": "bounced",
            "recipient": "office@acme.example",
            "message_id": "010201a7c5e4",
            "started_at": "2026-10-20T09:00:30Z",
            "returned": _BOUNCED,
        }
    ],
}
_TALLY = {
    "entries": 2,
    "minutes": 150,
    "billable": 23125,
    "unbilled": 9250,
    "invoices": 1,
    "issued": 13875,
    "paid": 0,
    "outstanding": 13875,
    "credited": 0,
}
_COUNTER = {"client_id": _CLIENT_ID, "currency": "EUR", "total": _TALLY, "months": {"2026-10": _TALLY}}
_NONE_YET = {"taken": 0, "already_there": 0, "refused": 0, "undone": 0, "kept": 0}
_ASKED_IMPORT = _IMPORT | {
    "id": _IMPORT_ID,
    "state": "waiting",
    "counts": _NONE_YET,
    "created_at": "2026-10-20T09:00:00Z",
}
_STARTED_IMPORT = _ASKED_IMPORT | {"state": "started", "started_at": "2026-10-20T09:00:07Z"}
_FINISHED_IMPORT = _STARTED_IMPORT | {
    "state": "finished",
    "counts": _NONE_YET | {"taken": 118, "refused": 1},
    "ended_at": "2026-10-20T09:00:12Z",
}
_UPLOAD = {
    "method": "PUT",
    "url": "https://uploads.example/imp_06f3n2v7b1kq8s5d?X-Amz-Signature=5d8a…",
    "headers": {"Content-Type": "text/csv", "Content-Length": "24117"},
    "expires_at": "2026-10-20T09:15:00Z",
}
_ROWS: tuple[Json, ...] = (
    {"line": 2, "result": "taken", "work_id": _WORK_ID},
    {"line": 3, "result": "refused", "code": "unknown-client", "reason": "no client is named Acne SE"},
)
_GIVEN_TOKEN = _TOKEN | {
    "id": _TOKEN_ID,
    "created_at": "2026-10-20T09:00:00Z",
    "expires_at": "2027-01-18T09:00:00Z",
}
_CAUSE = {
    "id": "5e1f0c7a9b2d",
    "error": "MailRefusedError",
    "code": "mail-refused",
    "message": "the mail server did not take the mail",
}
_FAILURE: Json = {
    "id": _FAILURE_ID,
    "queue": "delivery",
    "state": "parked",
    "kind": "transient",
    "cause": _CAUSE,
    "event_type": "invoicely.invoice.issued.v1",
    "attempts": 8,
    "replays": 0,
    "first_at": "2026-10-20T09:00:30Z",
    "last_at": "2026-10-20T09:21:04Z",
}
_FAILED = {"at": "2026-10-20T09:21:04Z", "actor": "delivery", "action": "failed"}
_WHOLE_FAILURE = _FAILURE | {
    "body": '{"type": "invoicely.invoice.issued.v1", "data": {}}',
    "history": [_FAILED],
}
_DISCARD = {"at": "2026-10-21T08:00:00Z", "actor": "account, signed in", "action": "discarded"}
_REPLAY = {
    "id": _REPLAY_ID,
    "state": "waiting",
    "pinned_at": "2026-10-21T08:00:00Z",
    "count": 1,
    "waiting": 1,
    "counts": {},
    "failures": [{"id": _FAILURE_ID}],
    "history": [],
}
_DONE_REPLAY = _REPLAY | {
    "state": "done",
    "waiting": 0,
    "counts": {"sent": 1},
    "failures": [{"id": _FAILURE_ID, "fate": "sent"}],
}
_REPLAY_PREVIEW = {
    "dry_run": True,
    "count": 1,
    "more": False,
    "causes": [
        {"cause": _CAUSE, "count": 1, "first_at": "2026-10-20T09:00:30Z", "last_at": "2026-10-20T09:21:04Z"}
    ],
    "queues": {"delivery": 1},
    "states": {"parked": 1},
    "first": [_FAILURE],
}
_NUMBERS = {
    "clean": True,
    "series": [
        {
            "name": "2026-{seq}",
            "numbers": 1,
            "first": "2026-0001",
            "first_issued_on": "2026-10-20",
            "last": "2026-0001",
            "last_issued_on": "2026-10-20",
            "chain_sha256": "8ab11a3bbf1b4d5e0f4c5d3ed0a5a1a9b2b6e5c8ce1b3c9a1f6f0f7d3a2c4e51",
            "findings": [],
        }
    ],
    "findings": [],
}
_ISSUED = {
    "series": "2026-{seq}",
    "position": 1,
    "number": "2026-0001",
    "issued_on": "2026-10-20",
    "invoice_id": _INVOICE_ID,
    "before_sha256": "0" * 64,
    "content_sha256": "2f1b6a0d9c5e48f7b3a2d1c0e9f8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c3d2e1f0",
    "chain_sha256": "8ab11a3bbf1b4d5e0f4c5d3ed0a5a1a9b2b6e5c8ce1b3c9a1f6f0f7d3a2c4e51",
    "content": '{"account_id":"acc_…","document":{"bank":{…},"buyer":{…},…},"form":1,"position":1,…}',
    "files": [
        {
            "name": "2026-0001.pdf",
            "sha256": "9a3c2e1f0b4d5c6e7f8a9b0c1d2e3f4a5b6c7d8e9f0a1b2c3d4e5f6a7b8c9d0e",
            "url": "https://….s3.eu-central-1.amazonaws.com/acc_…/invoices/inv_….pdf?X-Amz-Expires=300&…",
        }
    ],
}

PROBLEM: Json = {
    "type": "tag:invoicely.example,2026:problems/invalid",
    "title": "Invalid",
    "status": 422,
    "detail": "Nothing was changed; errors names each value that is wrong.",
    "instance": "/v1/work-entries",
    "request_id": "Zq3F5hK1joEEJ0g=",
    "errors": [{"pointer": "/minutes", "code": "out-of-range", "message": "must be between 1 and 1440"}],
}


def _page(*items: Json, next_cursor: str | None = None) -> Json:
    more = {"next_cursor": next_cursor} if next_cursor else {}
    return {"data": [*items], "has_more": next_cursor is not None} | more


_ANSWERS: Mapping[str, Json] = {
    "GET /v1/account 200": _GIVEN_ACCOUNT,
    "PUT /v1/account 200": _GIVEN_ACCOUNT,
    "POST /v1/clients 201": _GIVEN_CLIENT,
    "GET /v1/clients 200": _page(_GIVEN_CLIENT, next_cursor="Y2xpXzA2ZjNrOXEy"),
    "GET /v1/clients/{id} 200": _GIVEN_CLIENT,
    "PATCH /v1/clients/{id} 200": _CHANGED_CLIENT,
    "POST /v1/clients/{id}/invoices 202": _OPEN_INVOICE,
    "GET /v1/clients/{id}/invoice-preview 200": _PREVIEW,
    "GET /v1/clients/{id}/schedule 200": _SCHEDULE,
    "GET /v1/invoice-previews 200": _page(_FORESEEN, next_cursor="Y2xpXzA2ZjNrOXEy"),
    "POST /v1/invoice-previews/comparison 200": {"differences": [_DIFFERENCE]},
    "POST /v1/work-entries 201": _GIVEN_WORK,
    "GET /v1/work-entries 200": _page(_GIVEN_WORK),
    "GET /v1/work-entries/{id} 200": _GIVEN_WORK,
    "PATCH /v1/work-entries/{id} 200": _EDITED_WORK,
    "POST /v1/imports 201": _ASKED_IMPORT | {"upload": _UPLOAD},
    "GET /v1/imports 200": _page(_FINISHED_IMPORT),
    "GET /v1/imports/{id} 200": _FINISHED_IMPORT,
    "POST /v1/imports/{id}/start 202": _STARTED_IMPORT,
    "GET /v1/imports/{id}/rows 200": _page(*_ROWS),
    "POST /v1/imports/{id}/undo 202": _FINISHED_IMPORT | {"state": "undoing"},
    "GET /v1/invoices 200": _page(_ISSUED_INVOICE),
    "GET /v1/invoices/{id} 200": _INVOICE,
    "POST /v1/invoices/{id}/review 202": _OPEN_INVOICE | {"state": "in_review", "entries": 1, "net": 13875},
    "GET /v1/invoices/{id}/lines 200": _page(_LINE),
    "GET /v1/invoices/{id}/xml 200": {
        "url": "https://documents.example/2026-0001.cii.xml?X-Amz-Signature=91c2…",
        "expires_at": "2026-10-31T08:05:00Z",
    },
    "GET /v1/invoices/{id}/pdf 200": {
        "url": "https://documents.example/2026-0001.pdf?X-Amz-Signature=5d8a…",
        "expires_at": "2026-10-20T09:05:00Z",
    },
    "POST /v1/invoices/{id}/resend 202": _RESENT,
    "POST /v1/invoices/{id}/void 202": _VOID_INVOICE,
    "POST /v1/invoices/{id}/credit-notes 202": _OPEN_CREDIT_NOTE,
    "GET /v1/invoices/{id}/credit-notes 200": _page(_ISSUED_CREDIT_NOTE),
    "GET /v1/credit-notes/{id} 200": _CREDIT_NOTE,
    "GET /v1/credit-notes/{id}/lines 200": _page(_LINE),
    "POST /v1/credit-notes/{id}/resend 202": _RESENT,
    "GET /v1/credit-notes/{id}/pdf 200": {
        "url": "https://documents.example/CN-2026-0001.pdf?X-Amz-Signature=77ab…",
        "expires_at": "2026-10-22T08:40:00Z",
    },
    "GET /v1/credit-notes/{id}/xml 200": {
        "url": "https://documents.example/CN-2026-0001.cii.xml?X-Amz-Signature=c04e…",
        "expires_at": "2026-10-22T08:40:00Z",
    },
    "POST /v1/invoices/{id}/payments 201": _GIVEN_PAYMENT | {"invoice": _PARTLY_PAID},
    "POST /v1/invoices/{id}/refunds 201": _GIVEN_REFUND | {"invoice": _REFUNDED},
    "GET /v1/invoices/{id}/payments 200": _page(_GIVEN_PAYMENT),
    "POST /v1/clients/{id}/prepayments 201": _GIVEN_PREPAYMENT | {"left": 10000},
    "POST /v1/clients/{id}/refunds 201": _GIVEN_PREPAYMENT
    | _REFUND
    | {
        "id": "pre_06f3k9q2m4x7v1ta06f5a8n3c1y9q4zr",
        "kind": "refund",
        "amount": -10000,
        "recorded_at": "2026-10-23T09:02:11Z",
        "left": 0,
    },
    "GET /v1/clients/{id}/prepayments 200": _page(_GIVEN_PREPAYMENT),
    "POST /v1/prepayments/{id}/take-back 200": _GIVEN_PREPAYMENT
    | {
        "id": "pre_06f3k9q2m4x7v1ta9r2c5x8k0d7w4hbe",
        "amount": -10000,
        "recorded_at": "2026-10-21T10:30:00Z",
        "takes_back": _PREPAYMENT_ID,
        "left": 0,
    },
    "GET /v1/payments/{id} 200": _GIVEN_PAYMENT,
    "POST /v1/payments/{id}/take-back 200": _TAKEN_BACK | {"invoice": _ISSUED_INVOICE},
    "GET /v1/counters 200": _page(_COUNTER),
    "GET /v1/totals 200": {"totals": [_TALLY | {"currency": "EUR"}]},
    "POST /v1/tokens 201": _GIVEN_TOKEN | {"secret": "ivp_06f3p5c9w3zr6j0y_Rk9…"},
    "GET /v1/tokens 200": _page(_GIVEN_TOKEN),
    "GET /v1/tokens/{id} 200": _GIVEN_TOKEN,
    "GET /v1/audit/numbering 200": _NUMBERS,
    "GET /v1/audit/export 200": _page(_ISSUED),
    "GET /v1/failures 200": _page(_FAILURE),
    "GET /v1/failures/{id} 200": _WHOLE_FAILURE,
    "POST /v1/failures/{id}/discard 200": _WHOLE_FAILURE
    | {
        "state": "discarded",
        "closed_at": "2026-10-21T08:00:00Z",
        "reason": "The client was a test",
        "history": [_FAILED, _DISCARD],
    },
    "POST /v1/failures/{id}/replay 202": _REPLAY,
    "POST /v1/failures/replays 200": _REPLAY_PREVIEW,
    "POST /v1/failures/replays 202": _REPLAY,
    "GET /v1/failures/replays/{id} 200": _DONE_REPLAY,
}


def of_request(operation: Operation) -> Json | None:
    """The body of an operation's request; None where there is no example."""
    return _REQUESTS.get(operation.route)


def of_answer(operation: Operation, status: HTTPStatus) -> Json | None:
    """The body of an operation's answer; None where there is no example."""
    return _ANSWERS.get(f"{operation.route} {status.value}")
