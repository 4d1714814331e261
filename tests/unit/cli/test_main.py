import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest

from domain.errors import ConflictError, InvalidError, NotFoundError, Problem, TryAgainLaterError
from domain.timesheets import NotAnExportError
from handlers.cli.exits import Exit
from handlers.cli.main import cli
from infrastructure import wiring
from infrastructure.access import NotSignedInError
from infrastructure.local_cloud.errors import NotRunningError
from tests.fakes import Store
from tests.terminal import Terminal
from tests.world import World

ROOT = Path(__file__).parents[3]
NOUNS = ("account", "clients", "counters", "demo", "failures", "invoices", "local", "work")


class NoCredentialsError(Exception):
    """Looks as the SDK's own does."""

    __module__ = "botocore.exceptions"


class EndpointConnectionError(Exception):
    """Looks as the SDK's own does."""

    __module__ = "botocore.exceptions"


def unavailable(cause: Exception) -> TryAgainLaterError:
    """The error of an adapter, as it is raised from the SDK's."""
    error = TryAgainLaterError("the table did not answer")
    error.__cause__ = cause
    return error


def test_without_a_command_it_shows_what_there_is(invoicely: Terminal) -> None:
    ended = invoicely()

    assert (ended.code, ended.out) == (2, "")
    assert all(f"  {noun} " in ended.err for noun in NOUNS)


def test_tells_its_version(invoicely: Terminal) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert invoicely("--version").out == f"invoicely {project['version']}\n"


@pytest.mark.parametrize("noun", sorted(cli.commands))
def test_what_a_command_does_is_told_whole_in_the_list_of_commands(invoicely: Terminal, noun: str) -> None:
    _, _, listed = invoicely(noun, "--help").out.partition("Commands:")

    assert "..." not in listed


@pytest.mark.parametrize("noun", NOUNS)
def test_every_command_has_help_with_an_example(invoicely: Terminal, noun: str) -> None:
    ended = invoicely(noun, "--help")

    assert ended.code == 0
    assert f"Example: invoicely {noun}" in " ".join(ended.out.split())
    assert invoicely(noun, "-h") == ended


@pytest.mark.parametrize("noun", [noun for noun in NOUNS if noun != "demo"])
def test_every_verb_has_help_with_an_example_and_answers_in_json(invoicely: Terminal, noun: str) -> None:
    listed = invoicely(noun, "--help").out.partition("Commands:\n")[2].partition("\n\n")[0]
    verbs = [line.split()[0] for line in listed.splitlines()]

    helps = {verb: " ".join(invoicely(noun, verb, "--help").out.split()) for verb in verbs}

    assert verbs
    assert [verb for verb, told in helps.items() if "Example: " not in told or "--json" not in told] == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["clint"], "error: No such command 'clint'. Did you mean 'clients'? (see invoicely --help)"),
        (["work", "lst"], "error: No such command 'lst'. Did you mean 'list'? (see invoicely work --help)"),
        (
            ["work", "list", "--sincee", "x"],
            "error: No such option '--sincee'. Did you mean '--since'? (see invoicely work list --help)",
        ),
        (["clients", "show"], "error: Missing argument 'CLIENT'. (see invoicely clients show --help)"),
    ],
)
def test_a_mistake_is_told_in_one_line_with_what_was_meant(
    invoicely: Terminal, arguments: list[str], told: str
) -> None:
    ended = invoicely(*arguments)

    assert (ended.code, ended.out, ended.errors) == (2, "", [told])


@pytest.mark.parametrize(
    "arguments",
    [
        ["failures", "replay", "--account", "", "--apply"],
        ["failures", "replay", "--account=", "--apply"],
        ["failures", "replay", "--cause", "", "--apply"],
        ["failures", "replay", "--queue", "", "--apply"],
        ["failures", "replay", "--job", "", "--apply"],
        ["failures", "replay", "", "--apply"],
        ["failures", "discard", "--account", "", "--reason", "a test", "--apply"],
        ["failures", "export", "--account", "", "-o", "-"],
        ["failures", "export", "-o", ""],
        ["failures", "show", ""],
        ["counters", "show", "--client", ""],
        ["counters", "verify", "--client", ""],
        ["counters", "rebuild", "--client", ""],
        ["audit", "--client", ""],
        ["audit", "--account", ""],
        ["events", "republish", "--client", ""],
        ["events", "republish", "--from-failures", ""],
        ["work", "list", "--client", ""],
        [""],
    ],
    ids=" ".join,
)
def test_an_empty_value_never_means_everything(
    invoicely: Terminal, failed: World, store: Store, arguments: list[str]
) -> None:
    before = dict(store.failures), dict(store.replays)

    ended = invoicely(*arguments)

    after = ["invoicely", *arguments][arguments.index("")] if "" in arguments else "--account"
    assert (ended.code, ended.out, ended.errors) == (2, "", [f"error: the value after {after} is empty"])
    assert (dict(store.failures), dict(store.replays)) == before


def test_a_variable_that_is_empty_is_as_if_it_was_not_set(
    invoicely: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INVOICELY_ACCOUNT", "")

    assert invoicely("account", "show").code == Exit.NOT_SIGNED_IN


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (NotFoundError("there is none"), 3, "error: there is none"),
        (NotSignedInError("sign in"), 4, "error: sign in"),
        (ConflictError("it is\ntaken"), 5, "error: it is taken"),
        (NotFoundError("no \x1b]0;mine\x07 \u202e\udcff"), 3, "error: no \\x1b]0;mine\\x07 \\u202e\\udcff"),
        (NotAnExportError("no export"), 2, "error: no export"),
        (TryAgainLaterError("later"), 1, "error: later"),
        (NotRunningError("it is down"), 1, "error: it is down"),
        (click.ClickException("no"), 1, "error: no"),
        (PermissionError(13, "Permission denied", "x.pdf"), 1, "error: x.pdf: Permission denied"),
        (OSError(28, "No space left on device"), 1, "error: No space left on device"),
        (NoCredentialsError("who are you"), 4, "error: AWS: who are you"),
        (EndpointConnectionError("nobody there"), 1, "error: AWS: nobody there"),
        (unavailable(NoCredentialsError()), 4, "error: the table did not answer"),
        (KeyboardInterrupt(), 130, "stopped"),
    ],
    ids=str,
)
def test_each_kind_of_failure_has_its_exit_code(
    invoicely: Terminal, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, told: str
) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setattr(wiring, "accounts", fail)

    ended = invoicely("account", "show")

    assert (ended.code, ended.out, ended.errors[-1]) == (code, "", told)


def test_wrong_values_are_told_a_line_each(invoicely: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise InvalidError(Problem("/address/city", "empty", "say it"), Problem("", "both", "not both"))

    monkeypatch.setattr(wiring, "accounts", fail)

    ended = invoicely("account", "show")

    assert (ended.code, ended.errors) == (2, ["error: address.city: say it", "error: not both"])


def test_a_bug_is_not_hidden(invoicely: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(wiring, "accounts", fail)

    with pytest.raises(ZeroDivisionError):
        invoicely("account", "show")


def test_help_waits_for_nothing_heavy() -> None:
    code = (
        "import sys; from handlers.cli.main import run; run(['--help']); print(*sys.modules, file=sys.stderr)"
    )

    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)

    loaded = set(ran.stderr.split())
    assert loaded & {"click", "boto3", "pydantic", "rich", "yaml"} == {"click"}


def test_the_console_script_leaves_with_the_exit_code() -> None:
    code = "from handlers.cli.main import main; main(['--no-such-flag'])"

    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)

    assert ran.returncode == 2
