"""Imports, what became of their rows, and uploaded files, in memory."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from hashlib import md5

from domain.identifiers import AccountId, ImportId
from domain.import_rows import Results, Rows
from domain.imports import Import, Imports, NothingUploadedError, UploadChangedError, Uploads
from domain.paging import Page
from tests.fakes.paging import page
from tests.fakes.store import Store


class InMemoryImports:
    """Implements `domain.imports.Imports`."""

    def __init__(self, store: Store | None = None) -> None:
        self._store = store or Store()

    def __len__(self) -> int:
        return len(self._store.all(Import))

    def __contains__(self, import_id: object) -> bool:
        return any(import_.id == import_id for import_ in self._store.all(Import))

    def add(self, *, import_: Import) -> None:
        with self._store.call("imports.add", commits=True):
            self._store.add(import_)

    def get(self, *, account_id: AccountId, import_id: ImportId) -> Import:
        with self._store.call("imports.get"):
            return self._store.get(Import, account_id, import_id)

    def update(
        self, *, account_id: AccountId, import_id: ImportId, change: Callable[[Import], Import]
    ) -> Import:
        def read() -> Import:
            return self.get(account_id=account_id, import_id=import_id)

        return self._store.update("imports.update", read, change)

    def list(self, *, account_id: AccountId, limit: int = 100, cursor: str | None = None) -> Page[Import]:
        with self._store.call("imports.list"):
            own = [import_ for import_ in self._store.all(Import) if import_.account_id == account_id]
            return page(own, by=lambda import_: import_.id, limit=limit, cursor=cursor, newest_first=True)


class InMemoryResults:
    """Implements `domain.import_rows.Results`."""

    def __init__(self, store: Store | None = None) -> None:
        self._store = store or Store()

    def __len__(self) -> int:
        return sum(len(part.rows) for part in self._store.import_rows.values())

    def update(
        self, *, account_id: AccountId, import_id: ImportId, number: int, change: Callable[[Rows], Rows]
    ) -> Rows:
        kept, key = self._store.import_rows, (account_id, import_id, number)
        while True:
            with self._store.call("import_results.update: read"):
                before = kept.get(key, Rows(number=number))
            if (after := change(before)) == before:
                return before
            with self._store.call("import_results.update", commits=True):
                if kept.get(key, Rows(number=number)) == before:
                    kept[key] = replace(after, version=before.version + 1)
                    return kept[key]

    def parts(self, *, account_id: AccountId, import_id: ImportId, first: int = 1) -> Iterator[Rows]:
        with self._store.call("import_results.parts"):
            own = {
                number: part
                for (account, import_, number), part in self._store.import_rows.items()
                if (account, import_) == (account_id, import_id) and number >= first
            }
        yield from (own[number] for number in sorted(own))


class InMemoryUploads:
    """Implements `domain.imports.Uploads`; a file is uploaded by `put`."""

    def __init__(self, store: Store | None = None) -> None:
        self._store = store or Store()
        self._files: dict[tuple[AccountId, ImportId], bytes] = {}

    def __len__(self) -> int:
        return len(self._files)

    def put(self, account_id: AccountId, import_id: ImportId, content: bytes) -> None:
        self._files[account_id, import_id] = content

    def take_away(self, account_id: AccountId, import_id: ImportId) -> None:
        del self._files[account_id, import_id]

    def address(
        self, *, account_id: AccountId, import_id: ImportId, size: int
    ) -> tuple[str, Mapping[str, str]]:
        url = f"memory://uploads/imports/{account_id}/{import_id}/work.csv"
        return url, {"Content-Type": "text/csv", "Content-Length": str(size)}

    def mark(self, *, account_id: AccountId, import_id: ImportId) -> str:
        with self._store.call("uploads.mark"):
            return _mark(self._found(account_id, import_id))

    def get(self, *, account_id: AccountId, import_id: ImportId, content: str) -> bytes:
        with self._store.call("uploads.get"):
            found = self._found(account_id, import_id)
            if _mark(found) != content:
                raise UploadChangedError(f"another file of {import_id} was uploaded")
            return found

    def _found(self, account_id: AccountId, import_id: ImportId) -> bytes:
        if (found := self._files.get((account_id, import_id))) is None:
            raise NothingUploadedError(f"no file of {import_id} is there")
        return found


def _mark(content: bytes) -> str:
    return f'"{md5(content, usedforsecurity=False).hexdigest()}"'


_imports: type[Imports] = InMemoryImports
_results: type[Results] = InMemoryResults
_uploads: type[Uploads] = InMemoryUploads
