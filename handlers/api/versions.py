"""Versions in headers: `ETag` says which one was sent, `If-Match` which one to change (RFC 9110, 13.1.1)."""

import re

from domain.versions import ChangedMeanwhileError
from handlers.api.refusals import MatchRequiredError

_ETAG = re.compile(r'"([0-9]{1,15})"')


def etag(version: int) -> str:
    return f'"{version}"'


def seen(match: str | None, *, required: object) -> int | None:
    """The version that `If-Match` names; None for `*`, or where it is missing and not *required*.

    Raises:
        MatchRequiredError: it is missing, and required.
        ChangedMeanwhileError: it is no ETag of ours, such as a weak one, so nothing has that version.
    """
    if match is None and required:
        raise MatchRequiredError(
            "others may have changed this: send If-Match with the ETag that you have seen, or with *"
        )
    if match is None or match.strip() == "*":
        return None
    found = _ETAG.fullmatch(match.strip())
    if not found:
        raise ChangedMeanwhileError("If-Match must be the ETag as it was answered, with its quotes, or *")
    return int(found[1])
