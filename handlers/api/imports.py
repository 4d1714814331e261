"""`/v1/imports`: work from another program's export, and how to be rid of it again.

ask ─▶ 201, with the address that takes the file ─▶ PUT it there ─▶ start ─▶ 202 ─▶ look until it has ended
"""

import datetime as dt
from functools import partial
from http import HTTPStatus

from domain.access import Scope
from domain.identifiers import ImportId, known_import
from domain.import_rows import Result, RowResult
from domain.imports import (
    ImportDetails,
    ImportIsInvoicedError,
    ImportIsStartedError,
    NothingUploadedError,
    ask_for_import,
    list_rows,
    start_import,
    undo_import,
)
from handlers.api import paging
from handlers.api.answers import Answer, accepted, created, ok
from handlers.api.operations import Operation
from handlers.api.queries import Parameter
from handlers.api.requests import Request
from infrastructure import codec, wiring
from infrastructure.uploads import URL_SECONDS
from infrastructure.views.imports import AskedImportView, ImportView, UploadView, of_asked_import, of_import


def ask(request: Request) -> Answer:
    """Store the import, and sign an address for a file of just that size."""
    import_ = ask_for_import(
        codec.accept(ImportDetails, request.json()),
        account_id=request.account_id,
        imports=wiring.imports(),
        now=wiring.now(),
        new_id=request.new_id,
    )
    url, headers = wiring.uploads().address(
        account_id=import_.account_id, import_id=import_.id, size=import_.size
    )
    expires_at = wiring.now().replace(microsecond=0) + dt.timedelta(seconds=URL_SECONDS)
    upload = UploadView(method="PUT", url=url, headers=headers, expires_at=expires_at)
    return created(of_asked_import(import_, upload), location=f"{request.path}/{import_.id}")


def start(request: Request) -> Answer:
    import_ = start_import(
        ImportId(request.subject),
        account_id=request.account_id,
        imports=wiring.imports(),
        uploads=wiring.uploads(),
        now=wiring.now(),
    )
    return accepted(of_import(import_), location=_address(import_.id))


def undo(request: Request) -> Answer:
    import_ = undo_import(
        ImportId(request.subject),
        account_id=request.account_id,
        imports=wiring.imports(),
        results=wiring.import_results(),
        known=wiring.known_work(),
    )
    return accepted(of_import(import_), location=_address(import_.id))


def list_(request: Request) -> Answer:
    fetch = partial(wiring.imports().list, account_id=request.account_id)
    return paging.listed(request, fetch, of_import)


def show(request: Request) -> Answer:
    import_id = known_import(request.subject)
    return ok(of_import(wiring.imports().get(account_id=request.account_id, import_id=import_id)))


def rows(request: Request) -> Answer:
    """What became of the rows, in the order of the file."""
    fetch = partial(
        list_rows,
        ImportId(request.subject),
        account_id=request.account_id,
        imports=wiring.imports(),
        results=wiring.import_results(),
        result=request.asked.get("result"),
    )
    return paging.listed(request, fetch, lambda row: row)


def _address(import_id: ImportId) -> str:
    return f"/v1/imports/{import_id}"


def _result(text: str) -> Result:
    if text not in [*Result]:
        raise ValueError(f"must be one of {', '.join(Result)}")
    return Result(text)


OPERATIONS = (
    Operation(
        route="POST /v1/imports",
        name="add_import",
        serve=ask,
        summary="Ask for an import, and for the address to upload its file to",
        needs=Scope.WRITE,
        takes=ImportDetails,
        gives=AskedImportView,
        status=HTTPStatus.CREATED,
    ),
    Operation(
        route="GET /v1/imports",
        name="list_imports",
        serve=list_,
        summary="List the imports, the newest first",
        gives=ImportView,
        lists=True,
    ),
    Operation(
        route="GET /v1/imports/{id}",
        name="show_import",
        serve=show,
        summary="Show an import",
        gives=ImportView,
    ),
    Operation(
        route="POST /v1/imports/{id}/start",
        name="start_import",
        serve=start,
        summary="Have the uploaded file imported",
        needs=Scope.WRITE,
        gives=ImportView,
        status=HTTPStatus.ACCEPTED,
        refuses=(ImportIsStartedError, NothingUploadedError),
    ),
    Operation(
        route="GET /v1/imports/{id}/rows",
        name="list_import_rows",
        serve=rows,
        summary="List what became of the rows of an import",
        gives=RowResult,
        lists=True,
        query=(
            Parameter(
                "result",
                _result,
                {"type": "string", "enum": [result.value for result in Result]},
                "Only the rows of which this became.",
            ),
        ),
    ),
    Operation(
        route="POST /v1/imports/{id}/undo",
        name="undo_import",
        serve=undo,
        summary="Have all work of an import removed, while no invoice has any",
        needs=Scope.WRITE,
        gives=ImportView,
        status=HTTPStatus.ACCEPTED,
        refuses=(ImportIsInvoicedError,),
    ),
)
