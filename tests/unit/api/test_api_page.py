"""docs/api.md tells of every route once, and of every status that a problem may have."""

import re
from collections.abc import Iterator
from pathlib import Path

from handlers.api.openapi import document
from handlers.api.routes import operations

PAGE = (Path(__file__).parents[3] / "docs" / "api.md").read_text(encoding="utf-8")


def rows(section: str) -> Iterator[str]:
    """The first cell of each row of a section's tables."""
    text = PAGE.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    return (found[1] for found in re.finditer(r"^\| ([^|]*[^|-]) \|", text, re.MULTILINE))


def routes() -> Iterator[str]:
    """Each route of the table; a row may have several methods of one path, or several routes."""
    for cell in rows("Routes"):
        methods: list[str] = []
        for part in re.findall("`([^`]+)`", cell):
            method, _, path = part.partition(" ")
            methods.append(method)
            if path:
                yield from (f"{each} {path}" for each in methods)
                methods = []


def test_every_route_is_told_once() -> None:
    assert sorted(routes()) == sorted(operation.route for operation in operations())


def test_every_status_of_a_problem_is_told_once() -> None:
    told = [status for cell in rows("Problems") for status in re.findall("[0-9]{3}", cell)]

    assert sorted(told) == sorted({str(each["status"]) for each in document()["x-problem-types"]})
