"""Several entries as one printed line, where anybody can still recompute it.

entries of one day or project, one price and one tax ──▶ as few lines as are each quantity × price

An entry is rounded by itself, so the sum of a group may be a cent off its quantity × price. What an entry
costs is settled, and how much it was: such a group becomes two lines or more, by date, each of them exact.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from domain import money
from domain.documents import DocumentLine, Grouping


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
    return tuple(
        _one(part, grouping) for group in groups.values() for part in _exact_parts(group, currency=currency)
    )


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


def _exact_parts(group: Sequence[DocumentLine], *, currency: str) -> Iterator[Sequence[DocumentLine]]:
    """*group* cut into runs, each as long as it can be while it is quantity × price."""
    while group:
        length = _longest_exact(group, currency=currency)
        yield group[:length]
        group = group[length:]


def _longest_exact(group: Sequence[DocumentLine], *, currency: str) -> int:
    longest, amount, quantity = 1, group[0].amount, group[0].quantity
    for length, line in enumerate(group[1:], start=2):
        amount += line.amount
        quantity += line.quantity
        if money.amount(quantity, line.unit_price, currency=currency) == amount:
            longest = length
    return longest


def _one(lines: Sequence[DocumentLine], grouping: Grouping) -> DocumentLine:
    first = lines[0]
    if _stands_alone(first, grouping):
        return first
    return replace(
        first,
        until=lines[-1].date if lines[-1].date > first.date else None,
        description=_description(lines, grouping),
        project=_shared_project(lines) if grouping is Grouping.DAY else None,
        quantity=sum((line.quantity for line in lines), start=Decimal(0)),
        amount=sum(line.amount for line in lines),
        net=sum(line.net for line in lines),
    )


def _description(lines: Sequence[DocumentLine], grouping: Grouping) -> str:
    """What was done that day, each once; or the project, which a timesheet tells more of."""
    if grouping is Grouping.PROJECT:
        return lines[0].project or ""
    return "\n".join(dict.fromkeys(line.description for line in lines))


def _shared_project(lines: Sequence[DocumentLine]) -> str | None:
    projects = {line.project for line in lines}
    return projects.pop() if len(projects) == 1 else None
