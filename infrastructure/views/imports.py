"""What is shown of an import."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from domain.fields import values
from domain.identifiers import ImportId
from domain.import_rows import Counts
from domain.imports import Failure, Format, Import
from domain.imports import State as ImportState
from infrastructure.views.instants import second


@dataclass(frozen=True, kw_only=True)
class ImportView:
    """An import: how far it is, and how many of its rows met which fate once it has ended.

    `failure` says why the file could not be taken.
    """

    id: ImportId
    filename: str
    size: int
    format: Format
    state: ImportState
    counts: Counts
    created_at: dt.datetime
    started_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    failure: Failure | None = None


@dataclass(frozen=True, kw_only=True)
class UploadView:
    """Where anybody who has the address sends the file to, with these headers, until `expires_at`."""

    method: Literal["PUT"]
    url: str
    headers: Mapping[str, str]
    expires_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class AskedImportView(ImportView):
    """An import that waits for its file."""

    upload: UploadView


def of_import(import_: Import) -> ImportView:
    return ImportView(
        id=import_.id,
        filename=import_.filename,
        size=import_.size,
        format=import_.format,
        state=import_.state,
        counts=import_.counts,
        created_at=second(import_.created_at),
        started_at=import_.started_at and second(import_.started_at),
        ended_at=import_.ended_at and second(import_.ended_at),
        failure=import_.failure,
    )


def of_asked_import(import_: Import, upload: UploadView) -> AskedImportView:
    return AskedImportView(**values(of_import(import_), ImportView), upload=upload)
