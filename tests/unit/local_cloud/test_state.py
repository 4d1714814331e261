import json
from pathlib import Path

import pytest

from infrastructure.local_cloud import state
from infrastructure.local_cloud.home import Home
from infrastructure.local_cloud.processes import Process
from infrastructure.local_cloud.state import State
from tests.clouds import A_LOCAL_CLOUD

PROCESS = Process(name="ministack", pid=4_000_000, token="invoicely-42")
STARTING = State(token="invoicely-42", port=4567, processes=(PROCESS,))
UP = State(token="invoicely-42", port=4567, processes=(PROCESS,), cloud=A_LOCAL_CLOUD)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.prepare()
    return home


@pytest.mark.parametrize("written", [STARTING, UP])
def test_remembers_what_was_written(home: Home, written: State) -> None:
    state.write(home, written)

    assert state.read(home) == written


def test_remembers_nothing_of_a_cloud_that_was_never_started(home: Home) -> None:
    assert state.read(home) is None


def test_takes_a_file_that_it_cannot_read_for_nothing(home: Home) -> None:
    home.state.write_text(json.dumps({"written": "by an older version"}))

    assert state.read(home) is None


def test_nobody_else_reads_the_password(home: Home) -> None:
    state.write(home, UP)

    assert home.state.stat().st_mode & 0o077 == 0


def test_a_cleared_home_keeps_the_mails_and_the_logs(home: Home) -> None:
    state.write(home, UP)
    kept = [home.mailbox / "a.eml", home.log("ministack")]
    home.mailbox.mkdir()
    for path in [*kept, home.temporary / "worker.py"]:
        path.touch()

    home.clear()

    assert sorted(path for path in home.path.rglob("*") if path.is_file()) == kept


def test_git_sees_nothing_of_a_home(home: Home) -> None:
    with home.locked():
        assert (home.path / ".gitignore").read_text() == "*\n"


def test_the_environment_of_a_cloud_has_what_the_sdk_and_our_settings_read() -> None:
    environment = A_LOCAL_CLOUD.environment()

    assert environment["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4567"
    assert environment["AWS_REGION"] == environment["AWS_DEFAULT_REGION"] == "eu-west-1"
    assert environment["TABLE_NAME"] == "invoicely-local"
    assert environment["DOCUMENTS_BUCKET"] == "documents"
    assert environment["FAILURES_BUCKET"] == "failures"
    assert json.loads(environment["SOURCE_QUEUE_URLS"]) == {"counters": A_LOCAL_CLOUD.queues["counters"]}
    assert json.loads(environment["SOURCE_FUNCTIONS"]) == {"tick": "invoicely-local-open-invoices"}


def test_a_session_minds_no_profile_of_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "config").write_text(
        "[profile work]\nregion = us-east-1\nendpoint_url = https://example.com\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_PROFILE", "missing")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "of the user's real account")

    client = A_LOCAL_CLOUD.access.session().client("dynamodb", **A_LOCAL_CLOUD.access.here())

    assert client.meta.endpoint_url == "http://127.0.0.1:4567"
    assert client.meta.region_name == "eu-west-1"
    assert A_LOCAL_CLOUD.access.session().get_credentials().token is None  # type: ignore[union-attr] # there are some
