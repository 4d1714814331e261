"""One event: the CloudEvents 1.0 attribute names, the state after a change and, where there was one, before.

The id is made from what changed and to which version, not from its delivery: a retry, a backfill and a
replay of the same change carry the same id.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

SOURCE = "invoicely"
SPECVERSION = "1.0"

State = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A change that has happened.

    `subject` names the entity within its account, `entityversion` counts its changes, `correlationid` is the
    request or tick that it goes back to, `time` (RFC 3339, UTC) when it was written.
    """

    id: str
    type: str
    subject: str
    time: str
    account: str
    entityversion: int
    data: State
    previous: State | None = None
    correlationid: str | None = None
    source: str = SOURCE
    specversion: str = SPECVERSION
    datacontenttype: str = "application/json"


def event_id(key: str, version: int) -> str:
    """The id of the change that made *version* of the item under *key*."""
    return sha256(f"{key}|{version}".encode()).hexdigest()[:32]
