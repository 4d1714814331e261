"""Where a document can be fetched from."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class DocumentView:
    """Where a document can be fetched from, until `expires_at`, by anybody who has the address."""

    url: str
    expires_at: dt.datetime
