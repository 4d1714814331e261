import shutil
from pathlib import Path

import pytest

from infrastructure.local_cloud import home
from infrastructure.local_cloud.home import Home


def test_what_is_written_while_it_is_cleared_is_removed_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud, late = Home(tmp_path), iter(["a worker's last word"])
    cloud.temporary.mkdir()

    def remove(folder: Path, *, ignore_errors: bool) -> None:
        shutil.rmtree(folder, ignore_errors=ignore_errors)
        for word in late:
            folder.mkdir()
            (folder / "log").write_text(word)

    monkeypatch.setattr(home, "shutil", type("shutil", (), {"rmtree": staticmethod(remove)}))
    monkeypatch.setattr(home, "_PAUSE_SECONDS", 0)

    cloud.clear()

    assert not cloud.temporary.exists()
