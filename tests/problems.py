"""Problems as the HTTP API tells them, whole."""

from typing import Any

from tests.gateway import REQUEST_ID


def problem(status: int, code: str, title: str, detail: str, *, at: str, **more: Any) -> dict[str, Any]:
    """The body of a problem with the request for the path *at*."""
    return {
        "type": f"tag:invoicely.example,2026:problems/{code}",
        "title": title,
        "status": status,
        "detail": detail,
        **more,
        "instance": at,
        "request_id": REQUEST_ID,
    }


def invalid(*errors: tuple[str, str, str], at: str) -> dict[str, Any]:
    """The body that tells of wrong values: for each its pointer, its code and the message."""
    return problem(422, "invalid", "Invalid", _CHANGED, at=at, errors=_told(errors))


def bad_query(*errors: tuple[str, str, str], at: str) -> dict[str, Any]:
    return problem(400, "bad-query", "Bad query", _CHANGED, at=at, errors=_told(errors))


def not_found(detail: str, *, at: str) -> dict[str, Any]:
    return problem(404, "not-found", "Not found", detail, at=at)


_CHANGED = "Nothing was changed; errors names each value that is wrong."


def _told(errors: tuple[tuple[str, str, str], ...]) -> list[dict[str, str]]:
    return [dict(zip(("pointer", "code", "message"), error, strict=True)) for error in errors]
