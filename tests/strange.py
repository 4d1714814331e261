"""What stands in a path for an id, and is none."""

from collections.abc import Iterator
from urllib.parse import quote


def ids_that_are_none(own: str, other: str) -> Iterator[str]:
    """As they stand in the path; *own* is an id of whoever asks, *other* one of somebody else's."""
    yield from (
        "%00",
        "%0A",
        "..",
        "%2e%2e",
        "%2F",
        ".",
        "%25",
        "%",
        "%zz",
        "%ff",
        "*",
        "'",
        '"',
        "{id}",
        "null",
    )
    yield from (
        f"{own}{tail}" for tail in ("%00", "%0A", "%0D%0A", "%20", "%2F", "%2F..", "%23", "?", ";a=b", "~")
    )
    yield from (
        f"{own}{tail}" for tail in ("%23INVOICE%23", "%23COUNTER", "#INVOICE#", "%23DELIVERY", "%E2%80%AE")
    )
    yield from (f"%20{own}", f"..%2F{other}", f"{own}%2F..%2F{other}", f"{own},{other}", f"{other}{own}")
    yield from (
        own.upper(),
        own[:-1],
        f"{own}0",
        own.replace(own[3], "-", 1),
        own.replace(own[3], "%EF%BC%BF", 1),
    )
    yield quote(own.replace("o", "о").replace("0", "٠"))
    yield quote("".join(chr(ord(each) + 0xFEE0) for each in own))
    yield from ("a" * 10_000, f"{own}{'0' * 10_000}", "%F0%9F%90%A2" * 100, "\ud800", "é", quote("e\u0301"))
