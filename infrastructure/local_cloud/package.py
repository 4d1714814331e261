"""The code of the functions as zips whose names are their content: the same files give the same bytes.

The libraries that the functions use are not in them: ministack's workers find those where ministack itself is
installed, after looking into the zip. The fonts are only in the zip of the function that renders documents,
for every worker unpacks its own copy. Nothing is compressed: it would only cost time.
"""

import hashlib
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from infrastructure.local_cloud.errors import BrokenCodeError
from infrastructure.local_cloud.names import REPOSITORY

PACKAGES = ("domain", "events", "infrastructure", "handlers")
NOT_SHIPPED = ("infrastructure/local_cloud", "infrastructure/stacks", "handlers/cli")
ONLY_HERE = "infrastructure/local_cloud/whole_batches.py"
FONTS = "infrastructure/documents/fonts"
RENDERING = ("deliver_invoices",)
_BEGINNING = (1980, 1, 1, 0, 0, 0)  # of time, for zip files
_READABLE = 0o100644 << 16


@dataclass(frozen=True, slots=True)
class Package:
    """A zip and the key under which it is stored."""

    content: bytes

    @property
    def key(self) -> str:
        return f"{hashlib.sha256(self.content).hexdigest()[:32]}.zip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """What the functions run, as it is now."""

    plain: Package
    rendering: Package

    @classmethod
    def read(cls, root: Path) -> "Code":
        """Pack the code of a working copy.

        Raises:
            BrokenCodeError: a file is no Python; nothing was packed.
        """
        files = sorted(shipped(root))
        _check(root, files)
        plain = [path for path in files if not path.is_relative_to(root / FONTS)]
        return cls(plain=_zip(root, plain), rendering=_zip(root, files))

    def of(self, handler: str) -> Package:
        """Choose what a handler, given by the name of its file, needs."""
        return self.rendering if handler in RENDERING else self.plain


def shipped(root: Path) -> Iterator[Path]:
    """Find the files that the functions run, and nothing that only stands beside them."""
    for name in PACKAGES:
        for path in (root / name).rglob("*"):
            if path.is_file() and not _stays(path.relative_to(root)):
                yield path


def _check(root: Path, files: list[Path]) -> None:
    for path in files:
        if path.suffix == ".py":
            try:
                compile(path.read_bytes(), path, "exec")
            except SyntaxError as error:
                raise BrokenCodeError(f"{path.relative_to(root)}:{error.lineno}: {error.msg}") from error


def _stays(path: Path) -> bool:
    return (
        path.suffix == ".pyc"
        or any(part.startswith(".") or part == "__pycache__" for part in path.parts)
        or any(path.is_relative_to(folder) for folder in NOT_SHIPPED)
    )


def _zip(root: Path, files: list[Path]) -> Package:
    buffer = io.BytesIO()
    only_here = REPOSITORY / ONLY_HERE
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, path in [(path.relative_to(root).as_posix(), path) for path in files] + [
            (only_here.name, only_here)
        ]:
            entry = zipfile.ZipInfo(name, _BEGINNING)
            entry.external_attr = _READABLE
            archive.writestr(entry, path.read_bytes())
    return Package(buffer.getvalue())
