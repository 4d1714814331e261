"""Lets ministack 1.5.33 answer a query of a client with thousands of entries.

It reads the key condition of a query anew for each item of the partition: among 10,000 that takes a second
and a half a page, and whoever asks waits for two. Here the forms that the adapters use are compared at once;
ministack has checked them for the query as a whole by then, and evaluates all others itself.
"""

import re
from collections.abc import Callable, Mapping
from functools import wraps
from importlib import import_module
from typing import Any

_FORM = re.compile(
    r"(\w+) = (:\w+)"
    r"(?: AND (?:begins_with\((?P<begins>\w+), (?P<with>:\w+)\)"
    r"|(?P<until>\w+) <= (?P<last>:\w+)"
    r"|(?P<from>\w+) >= (?P<first>:\w+)"
    r"|(?P<between>\w+) BETWEEN (?P<low>:\w+) AND (?P<high>:\w+)))?"
)

EVALUATES = "_evaluate_condition"
"""What ministack evaluates every condition by."""

Values = Mapping[str, Any]


def install() -> None:
    """Change the ministack of this process."""
    dynamodb = import_module("ministack.services.dynamodb")
    setattr(dynamodb, EVALUATES, quick(getattr(dynamodb, EVALUATES)))


def quick(evaluate: Callable[..., Any]) -> Callable[..., Any]:
    """Ministack's own *evaluate*, which is asked only where `holds` has no answer."""

    @wraps(evaluate)
    def evaluated(
        condition: str, item: Values, values: Values, names: Values, slot: str = "ConditionExpression"
    ) -> Any:  # noqa: ANN401 - whatever ministack answers
        known = holds(condition, item, values) if slot == "KeyConditionExpression" else None
        return evaluate(condition, item, values, names, slot=slot) if known is None else known

    return evaluated


def holds(condition: str, item: Values, values: Values) -> bool | None:
    """Whether a key condition on texts holds for an item; None where it is of another form."""
    form = _FORM.fullmatch(condition)
    try:
        return _holds(form, item, values) if form else None
    except KeyError:
        return None


def _holds(form: re.Match[str], item: Values, values: Values) -> bool:
    def text(of: Values, group: str | int) -> str:
        found: str = of[form[group]]["S"]
        return found

    if text(item, 1) != text(values, 2):
        return False
    if form["begins"]:
        return text(item, "begins").startswith(text(values, "with"))
    if form["until"]:
        return text(item, "until") <= text(values, "last")
    if form["from"]:
        return text(item, "from") >= text(values, "first")
    return not form["between"] or text(values, "low") <= text(item, "between") <= text(values, "high")
