"""The code of the functions as one zip whose name is its content: the same files give the same bytes.

The packages that the functions use are not in it: ministack's workers find them where ministack itself is
installed. They look into the zip first.
"""

import hashlib
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PACKAGES = ("domain", "events", "infrastructure", "handlers")
NOT_SHIPPED = ("infrastructure/local_cloud", "infrastructure/stacks", "handlers/cli")
_BEGINNING = (1980, 1, 1, 0, 0, 0)  # of time, for zip files
_READABLE = 0o100644 << 16


@dataclass(frozen=True, slots=True)
class Package:
    """A zip and the key under which it is stored."""

    content: bytes

    @property
    def key(self) -> str:
        return f"{hashlib.sha256(self.content).hexdigest()[:32]}.zip"


def package(root: Path) -> Package:
    """Zip what the functions run."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path in sorted(shipped(root)):
            entry = zipfile.ZipInfo(path.relative_to(root).as_posix(), _BEGINNING)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, _READABLE
            archive.writestr(entry, path.read_bytes())
    return Package(buffer.getvalue())


def shipped(root: Path) -> Iterator[Path]:
    """Find the files that the functions run, and nothing that only stands beside them."""
    for name in PACKAGES:
        for path in (root / name).rglob("*"):
            if path.is_file() and not _stays(path.relative_to(root)):
                yield path


def _stays(path: Path) -> bool:
    return (
        path.suffix == ".pyc"
        or any(part.startswith(".") or part == "__pycache__" for part in path.parts)
        or any(path.is_relative_to(folder) for folder in NOT_SHIPPED)
    )
