import io
import os
import zipfile
from pathlib import Path

import pytest

from infrastructure.local_cloud.errors import BrokenCodeError
from infrastructure.local_cloud.names import REPOSITORY
from infrastructure.local_cloud.package import FONTS, NOT_SHIPPED, PACKAGES, Code, Package, shipped

SHIPPED = {
    "domain/work.py": "",
    "handlers/api/app.py": "",
    "handlers/keep_counters.py": "",
    "infrastructure/documents/invoice.typ": "",
    "infrastructure/documents/fonts/Inter.ttf": "",
}
STAYS = {
    "README.md": "",
    "domain/.mypy_cache/work.json": "",
    "domain/__pycache__/work.cpython-313.pyc": "",
    "handlers/cli/main.py": "",
    "infrastructure/local_cloud/control.py": "",
    "infrastructure/stacks/data.yaml": "",
    "tests/test_work.py": "",
}
ONLY_HERE = "whole_batches.py"
"""What the functions run nowhere but in a local cloud."""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path, SHIPPED | STAYS)
    return tmp_path


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def names(package: Package) -> set[str]:
    return set(zipfile.ZipFile(io.BytesIO(package.content)).namelist())


def test_ships_what_the_functions_run_and_nothing_beside_it(root: Path) -> None:
    assert names(Code.read(root).of("deliver_invoices")) == SHIPPED.keys() | {ONLY_HERE}


def test_ships_the_fonts_only_with_the_function_that_renders(root: Path) -> None:
    plain = {name for name in SHIPPED if not name.startswith(FONTS)}

    assert names(Code.read(root).of("keep_counters")) == plain | {ONLY_HERE}


def test_the_same_files_are_the_same_package_whenever_and_wherever_they_were_written(
    root: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    write(elsewhere, dict(reversed(SHIPPED.items())))
    os.utime(elsewhere / "domain/work.py", (0, 0))
    (elsewhere / "domain/work.py").chmod(0o600)

    assert Code.read(elsewhere) == Code.read(root)


def test_a_change_of_code_is_another_package_under_another_key(root: Path) -> None:
    before = Code.read(root).plain.key

    write(root, {"domain/work.py": "HOURS = 1"})

    assert Code.read(root).plain.key != before


def test_code_that_is_no_python_is_not_shipped(root: Path) -> None:
    write(root, {"handlers/broken.py": "import re\nimport re(\n"})

    with pytest.raises(BrokenCodeError, match=r"^handlers/broken.py:2: "):
        Code.read(root)


@pytest.mark.parametrize(
    ("name", "value"), [("SHIPPED", PACKAGES), ("NOT_SHIPPED", NOT_SHIPPED), ("FONTS", (FONTS,))]
)
def test_ships_what_sam_builds(name: str, value: tuple[str, ...]) -> None:
    makefile = (REPOSITORY / "Makefile").read_text()

    assert f"\n{name} := {' '.join(value)}\n" in makefile


def test_the_real_functions_are_shipped() -> None:
    found = {path.relative_to(REPOSITORY).as_posix() for path in shipped(REPOSITORY)}

    assert "domain/money.py" in found
    assert not {name for name in found if "local_cloud" in name or name.startswith("handlers/cli/")}
