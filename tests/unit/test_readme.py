"""What README.md says of the code is what the code says."""

import re
from pathlib import Path

import infrastructure.dynamodb
from domain.replays import Fate
from handlers.cli.failures import command as failures

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_shows_the_keys_of_the_table_as_they_stand_at_the_top_of_the_adapters() -> None:
    docstring = infrastructure.dynamodb.__doc__ or ""
    in_code = [re.split(r" {2,}", line.strip()) for line in docstring.splitlines() if line.startswith("    ")]

    section = _section("The table").replace("`", "")
    in_readme = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| ")]

    assert in_code == in_readme


def test_shows_every_event_that_is_published() -> None:
    golden = {path.stem for path in (ROOT / "tests" / "payloads" / "events").glob("*.json")}

    assert golden == set(re.findall(r"invoicely\.[a-z]+\.[a-z]+\.v[0-9]+", _section("The events")))


def test_the_runbook_names_every_verb_and_only_flags_that_there_are() -> None:
    runbook = _section("Operating")
    said = set(re.findall(r"`invoicely failures ([a-z]+)", runbook))
    flags = set(re.findall(r"(--[a-z]+)", runbook))

    verbs = failures.commands
    assert said == set(verbs)
    assert flags <= {name for verb in verbs.values() for option in verb.params for name in option.opts}


def test_the_runbook_tells_every_end_of_a_replay() -> None:
    told = re.findall(r"^\| `([a-z ]+)` \|", _section("Operating"), re.MULTILINE)

    assert told == [*Fate, "not yet"]


def _section(title: str) -> str:
    return README.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
