"""XML by hand: the same bytes on every machine, and no library to load.

An element that would be empty is left out, so that what may be missing needs no word where it is written.
"""

import re

_ILLEGAL = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, production 2
# As on paper: they make an amount or a name read as another (Unicode TR 36).
_DIRECTION_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_SPECIAL = re.compile(f"""[&<>"]|{_DIRECTION_CONTROLS.pattern}|{_ILLEGAL.pattern}""")
_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})


class Markup(str):
    """Text that is XML already."""

    __slots__ = ()


def element(name: str, /, *content: "Markup | str | None", **attributes: str | None) -> Markup:
    """An element with what it holds, in this order; nothing where it holds nothing."""
    inner = "".join([each if type(each) is Markup else _written(each) for each in content if each])
    if not inner:
        return Markup()
    said = _said(attributes) if attributes else ""
    return Markup(f"<{name}{said}>{inner}</{name}>")


def document(name: str, *content: Markup, namespaces: dict[str, str]) -> bytes:
    """A whole document; *namespaces* by their prefix, "" for none."""
    said = "".join(
        f' xmlns{":" if prefix else ""}{prefix}="{address}"' for prefix, address in namespaces.items()
    )
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return f"{head}<{name}{said}>{''.join(content)}</{name}>\n".encode()


def _said(attributes: dict[str, str | None]) -> str:
    return "".join([f' {key}="{_written(value)}"' for key, value in attributes.items() if value])


def _written(content: str) -> str:
    if not _SPECIAL.search(content):
        return content.strip()
    legal = _DIRECTION_CONTROLS.sub("", _ILLEGAL.sub("", content))
    return legal.strip().translate(_ESCAPED)
