"""The export of a year in memory."""

import json

from domain.errors import NotFoundError
from domain.exporting import MANIFEST, Manifest, Shelf
from domain.verifying import DamagedError, Exported, NotAnExportError
from infrastructure import codec


class InMemoryExport:
    """Implements `domain.exporting.Shelf` and `domain.verifying.Exported`; the `damaged` cannot be read."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.damaged: set[str] = set()

    def put(self, *, path: str, content: bytes) -> None:
        assert path not in self.files
        self.files[path] = content

    def manifest(self) -> Manifest:
        if MANIFEST not in self.files:
            raise NotAnExportError("there is no manifest")
        return codec.decode(Manifest, json.loads(self.files[MANIFEST]))

    def paths(self) -> frozenset[str]:
        return frozenset(self.files)

    def read(self, *, path: str) -> bytes:
        if path not in self.files:
            raise NotFoundError(f"there is no {path}")
        if path in self.damaged:
            raise DamagedError(f"{path} cannot be read")
        return self.files[path]


_shelf: type[Shelf] = InMemoryExport
_exported: type[Exported] = InMemoryExport
