"""Several entries as one printed line, where anybody can still recompute it.

entries of one day or project, of one price, unit and tax ──▶ quantity × price ± rounding = what they cost

Each entry is rounded by itself, so together they may cost some cents more or less than their quantity times
the price. What they cost is settled; the line says the difference as an allowance or a charge of its own.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from domain import money
from domain.documents import DocumentLine, Grouping
from domain.totals import Applied

ROUNDING = "Rounding"
"""The reason of that difference; a document says it in its language."""


def grouped(lines: Sequence[DocumentLine], grouping: Grouping, *, currency: str) -> tuple[DocumentLine, ...]:
    """The lines that are printed for *lines*, which stand by date; the amounts add up to the same.

    A line with an allowance or charge of its own stands alone, and so does work of no project among projects.
    """
    if grouping is Grouping.ENTRY:
        return tuple(lines)
    groups: dict[object, list[DocumentLine]] = {}
    for number, line in enumerate(_ordered(lines, grouping)):
        key = number if _stands_alone(line, grouping) else _key(line, grouping)
        groups.setdefault(key, []).append(line)
    return tuple(_one(group, grouping, currency) for group in groups.values())


def _ordered(lines: Sequence[DocumentLine], grouping: Grouping) -> Sequence[DocumentLine]:
    """By day, or by project in the order in which they were begun; what has none comes last."""
    if grouping is Grouping.DAY:
        return lines
    begun = dict.fromkeys(line.project for line in lines if line.project)
    place = {project: number for number, project in enumerate([*begun, None])}
    return sorted(lines, key=lambda line: place[line.project or None])


def _key(line: DocumentLine, grouping: Grouping) -> object:
    shared = line.date if grouping is Grouping.DAY else line.project
    return shared, line.unit, line.unit_price, line.tax


def _stands_alone(line: DocumentLine, grouping: Grouping) -> bool:
    return bool(line.adjustments) or (grouping is Grouping.PROJECT and not line.project)


def _one(lines: Sequence[DocumentLine], grouping: Grouping, currency: str) -> DocumentLine:
    first, last = lines[0], lines[-1]
    if _stands_alone(first, grouping):
        return first
    quantity = sum((line.quantity for line in lines), start=Decimal(0))
    amount = sum(line.amount for line in lines)
    return replace(
        first,
        until=last.date if last.date > first.date else None,
        description=_description(lines, grouping),
        project=_shared_project(lines) if grouping is Grouping.DAY else None,
        quantity=quantity,
        amount=amount,
        net=sum(line.net for line in lines),
        adjustments=_rounding(amount - money.amount(quantity, first.unit_price, currency=currency)),
    )


def _rounding(difference: int) -> tuple[Applied, ...]:
    if not difference:
        return ()
    return (Applied(reason=ROUNDING, amount=abs(difference), is_charge=difference > 0),)


def _description(lines: Sequence[DocumentLine], grouping: Grouping) -> str:
    """What was done that day, each once; or the project, which a timesheet tells more of."""
    if grouping is Grouping.PROJECT:
        return lines[0].project or ""
    return "\n".join(dict.fromkeys(line.description for line in lines))


def _shared_project(lines: Sequence[DocumentLine]) -> str | None:
    projects = {line.project for line in lines}
    return projects.pop() if len(projects) == 1 else None
