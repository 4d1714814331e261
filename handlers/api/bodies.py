"""The body of a request as a JSON object: exact, small, and without two values for one name."""

import json
from base64 import b64decode
from typing import Any, NoReturn

from handlers.api.refusals import BodyTooLargeError, MalformedBodyError, NotJsonError

LARGEST = 64 * 1024
DEEPEST = 8
_MOST_DIGITS = 100


def read(body: str, *, encoded: bool, media: str | None) -> dict[str, Any]:
    """Parse *body*, which the gateway may have *encoded* in base 64; *media* is its Content-Type, if any.

    Raises:
        NotJsonError: the Content-Type names something else.
        BodyTooLargeError: it is larger than `LARGEST` bytes.
        MalformedBodyError: it is no JSON object, or nested deeper than `DEEPEST`.
    """
    if media and "json" not in media.lower():
        raise NotJsonError(f"the body is {media}; send application/json")
    if not body:
        raise MalformedBodyError("the body is empty; send a JSON object, {} where there is nothing to say")
    try:
        plain = _parsed(_bytes(body, encoded=encoded).decode())
    except (ValueError, RecursionError) as error:
        raise MalformedBodyError(f"the body is not JSON: {_reason(error)}") from error
    if not isinstance(plain, dict):
        raise MalformedBodyError('the body must be a JSON object: {"name": value, ...}')
    if _is_deeper(plain, DEEPEST):
        raise MalformedBodyError(f"the body is nested deeper than {DEEPEST} levels")
    return plain


def _bytes(body: str, *, encoded: bool) -> bytes:
    content = b64decode(body, validate=True) if encoded else body.encode()
    if len(content) > LARGEST:
        raise BodyTooLargeError(f"the body has {len(content)} bytes; at most {LARGEST} are taken")
    return content


def _parsed(text: str) -> object:
    return json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse, parse_int=_integer)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(found := dict(pairs)) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _integer(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise ValueError(f"a number has {len(digits)} digits; send at most {_MOST_DIGITS}")
    return int(digits)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a number of JSON")


def _reason(error: Exception) -> str:
    match error:
        case UnicodeError():
            return "it is not UTF-8"
        case RecursionError():
            return f"it is nested deeper than {DEEPEST} levels"
    return str(error)


def _is_deeper(value: object, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deeper(each, levels - 1) for each in inner)
