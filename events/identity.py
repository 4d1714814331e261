"""What a message is about, as far as it can be told, also of one that is no event of ours or a later one."""

import json
import re
from dataclasses import dataclass
from typing import Any

from domain.identifiers import AccountId, digest

_ID = re.compile(r"[0-9a-f]{32}")
_LONGEST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Which event a message carries; one that carries none goes by a digest of its body."""

    event_id: str
    account_id: AccountId | None = None
    event_type: str | None = None
    correlation_id: str | None = None


def identity_of(body: str) -> Identity:
    """What can be told of the message with this *body*; raises nothing, whatever it is."""
    told = _told(body)
    event_id = told.get("id")
    return Identity(
        event_id=event_id if isinstance(event_id, str) and _ID.fullmatch(event_id) else digest(body),
        account_id=AccountId(account) if (account := _text(told.get("account"))) else None,
        event_type=_text(told.get("type")),
        correlation_id=_text(told.get("correlationid")),
    )


def _told(body: str) -> dict[str, Any]:
    try:
        told: Any = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _text(value: object) -> str | None:
    """A text such as ours: in ASCII, and not too long."""
    return value if isinstance(value, str) and value.isascii() and 0 < len(value) <= _LONGEST else None
