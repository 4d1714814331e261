"""Details that people give piece by piece: from a file, by flags over it, and with parts taken away.

what is stored ◀─ --from FILE (TOML, JSON) ◀─ --city Berlin … ◀─ --clear tax_id      the later wins
"""

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import reduce, wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from handlers.cli.flagged import flagged
from handlers.cli.values import ADJUSTMENT
from infrastructure import codec
from infrastructure.patches import merged

Shape = TypeVar("Shape")
Patch = Mapping[str, Any]
Command = Callable[..., int | None]


@dataclass(frozen=True, slots=True)
class Field:
    """A flag, the place in the details that it sets (a JSON pointer), and what else click has to know.

    One that is `needed` is named where all that it is a part of is missing.
    """

    flag: str
    pointer: str
    help: str
    more: Mapping[str, Any] = field(default_factory=dict)
    needed: bool = False

    @property
    def name(self) -> str:
        """What click calls the flag's value."""
        return self.pointer.strip("/").replace("/", "_")


ADDRESS = (
    Field("--street", "/address/street", "Street and number.", needed=True),
    Field("--extra-line", "/address/extra_line", "A further line of the address."),
    Field("--postal-code", "/address/postal_code", "Postal code."),
    Field("--city", "/address/city", "City.", needed=True),
    Field("--country", "/address/country", "Country: two letters such as DE.", needed=True),
)
TAX = (
    Field("--tax-name", "/tax/name", "What the tax is called: VAT."),
    Field("--tax-rate", "/tax/rate", "The tax in percent: 19."),
    Field(
        "--tax-category",
        "/tax/category",
        "S with a rate; without tax AE (reverse charge), K (goods into the EU), G (goods out of it),"
        " O (not subject to it, such as a service to a business outside of the EU), Z or E.",
    ),
    Field("--tax-reason", "/tax/reason", "Why there is no tax, in the invoice's words."),
)


def adjustments(of: str) -> Field:
    """The flag for allowances and charges, which replace those there are."""
    told = f"Allowance on {of} ('-10% loyal'), or charge ('+25.00 travel'). May be given several times."
    return Field("--adjustment", "/adjustments", told, {"multiple": True, "type": ADJUSTMENT})


@dataclass(frozen=True, slots=True)
class Given:
    """What a person gave: changes to lay upon each other, and which flag each place has."""

    patches: Sequence[Patch]
    flags: Mapping[str, str]

    def over(self, stored: Patch, shape: type[Shape]) -> Shape:
        """The details that *stored* becomes.

        Raises:
            InvalidError: with a problem for each value that is wrong or missing, by its flag.
        """
        with self.by_flag():
            return codec.accept(shape, reduce(merged, self.patches, dict(stored)), typed=True)

    @contextmanager
    def by_flag(self) -> Iterator[None]:
        """Tell each problem that is met here by its flag."""
        with flagged(self.flags):
            yield

    def sets(self, name: str) -> bool:
        """Whether anything was given for this part."""
        return any(name in patch for patch in self.patches)


def details(
    fields: Sequence[Field], *, clearable: Sequence[str] = (), from_file: bool = True
) -> Callable[[Command], Command]:
    """Give the command what was `given` by `--from`, by the flags of *fields* and by `--clear`."""
    flags = {**_needed(fields), **{each.pointer: each.flag for each in fields}}

    def decorate(command: Command) -> Command:
        @wraps(command)
        def wrapped(*, file: Path | None = None, cleared: Sequence[str] = (), **options: Any) -> int | None:  # noqa: ANN401 - the command's own
            said = {each.pointer: options.pop(each.name) for each in fields}
            values = [_nested(pointer, value) for pointer, value in said.items() if value not in (None, ())]
            patches = [_read(file) if file else {}, *values, dict.fromkeys(cleared)]
            return command(given=Given(patches, flags), **options)

        if clearable:
            choice = click.Choice(clearable)
            wrapped = click.option("--clear", "cleared", multiple=True, type=choice, help="Take away.")(
                wrapped
            )
        if from_file:
            path = click.Path(path_type=Path)
            wrapped = click.option("--from", "file", type=path, help="Read them from TOML or JSON.")(wrapped)
        for each in reversed(fields):
            wrapped = click.option(each.flag, each.name, help=each.help, **each.more)(wrapped)
        return wrapped

    return decorate


def _needed(fields: Sequence[Field]) -> dict[str, str]:
    """For each thing that has parts, the flags of those that it needs."""
    needed: dict[str, list[str]] = {}
    for each in fields:
        if each.needed:
            needed.setdefault(each.pointer.rpartition("/")[0], []).append(each.flag)
    return {whole: ", ".join(flags) for whole, flags in needed.items()}


def _read(file: Path) -> Patch:
    try:
        text = file.read_text(encoding="utf-8-sig")  # some editors begin a file with a mark
        plain = _json(text) if file.suffix == ".json" else tomllib.loads(text)
    except OSError as error:
        raise click.BadParameter(f"{file}: {error.strerror}", param_hint="--from") from error
    except (ValueError, RecursionError) as error:
        kind = "JSON" if file.suffix == ".json" else "TOML"
        raise click.BadParameter(f"{file} is no {kind}: {_where(error)}", param_hint="--from") from error
    if not isinstance(plain, dict):
        raise click.BadParameter(f"{file} must hold one object", param_hint="--from")
    return plain


def _json(text: str) -> object:
    return json.loads(text, object_pairs_hook=_unique)


class _TwiceError(ValueError):
    """Nobody can tell which of two values is meant."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(found := dict(pairs)) < len(pairs):
        raise _TwiceError
    return found


def _where(error: Exception) -> str:
    """Up to where it can be read; nothing of what stands there."""
    match error:
        case UnicodeError():
            return "it is not UTF-8"
        case RecursionError():
            return "it is nested too deep"
        case _TwiceError():
            return "a name stands twice in one object"
    found = re.search(r"line \d+", str(error))
    return f"it cannot be read from {found[0] if found else 'its end'} on"


def _nested(pointer: str, value: object) -> Patch:
    """The patch that sets one place: /address/city becomes {"address": {"city": …}}."""
    patch: Any = value
    for name in reversed(pointer.strip("/").split("/")):
        patch = {name: patch}
    nested: Patch = patch
    return nested
