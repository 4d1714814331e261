"""The export of a year as one ZIP file, which any program can open; the same files give the same bytes."""

import json
import zlib
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Self
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from domain.errors import NotFoundError
from domain.exporting import MANIFEST, Manifest, Shelf
from domain.verifying import DamagedError, Exported, NotAnExportError
from infrastructure import codec

_READ_ONLY = 0o444 << 16
LONGEST_FILE = 100_000_000
"""Bytes of one file, unpacked: an invoice of ten thousand lines has a quarter of it."""


class ZipShelf:
    """Implements `domain.exporting.Shelf`; the file is there, and whole, once it is left without an error.

    So an export that fails leaves the one of before as it was.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._part = path, path.with_name(f"{path.name}.part")
        self._zip = ZipFile(self._part, "w", ZIP_DEFLATED)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, error: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        self._zip.close()
        if error:
            self._part.unlink()
        else:
            self._part.replace(self._path)

    def put(self, *, path: str, content: bytes) -> None:
        member = ZipInfo(path)  # dated 1980, as all of them: the time of the export is no part of it
        member.external_attr = _READ_ONLY
        member.compress_type = ZIP_DEFLATED
        self._zip.writestr(member, content)


class ZipExport:
    """Implements `domain.verifying.Exported`."""

    def __init__(self, path: Path) -> None:
        """Raise `NotAnExportError` where *path* is no ZIP file."""
        try:
            self._zip = ZipFile(path)
        except (BadZipFile, NotImplementedError) as error:
            raise NotAnExportError(f"{path} is no export: it is no whole ZIP file") from error
        self._times = Counter(self._zip.namelist())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self._zip.close()

    def manifest(self) -> Manifest:
        try:
            return codec.decode(Manifest, json.loads(self.read(path=MANIFEST)))
        except NotFoundError as error:
            raise NotAnExportError(f"there is no {MANIFEST} in it, so it is no export of a year") from error
        except (DamagedError, codec.UnreadableError, ValueError, RecursionError) as error:
            raise NotAnExportError(f"its {MANIFEST} is damaged: {error}") from error

    def paths(self) -> frozenset[str]:
        return frozenset(self._zip.namelist())

    def read(self, *, path: str) -> bytes:
        if self._times[path] > 1:
            raise DamagedError(f"{path} stands there {self._times[path]} times, and programs take either one")
        try:
            if self._zip.getinfo(path).file_size > LONGEST_FILE:
                raise DamagedError(f"{path} is larger than any file of an export")
            return self._zip.read(path)
        except KeyError as error:
            raise NotFoundError(f"there is no {path}") from error
        except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
            raise DamagedError(f"{path} cannot be read") from error


_: type[Shelf] = ZipShelf  # the promises, checked by mypy
__: type[Exported] = ZipExport
