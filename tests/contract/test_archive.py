import pytest

from domain.archiving import Archive
from domain.errors import NotFoundError
from infrastructure.s3 import S3Archive
from tests import data_stack
from tests.fakes import InMemoryArchive

KEY = "acc_ada/invoices/inv_acme00000000000020261031.pdf"


@pytest.fixture(params=["memory", "s3"])
def archive(request: pytest.FixtureRequest) -> Archive:
    if request.param == "memory":
        return InMemoryArchive()
    request.getfixturevalue("watched")  # the bucket stands where the table does
    return S3Archive(data_stack.client("s3"), data_stack.BUCKET)


def test_a_document_comes_back_byte_for_byte(archive: Archive) -> None:
    content = bytes(range(256)) * 100

    archive.put(key=KEY, content=content)

    assert archive.get(key=KEY) == content


def test_what_is_stored_first_stays(archive: Archive) -> None:
    archive.put(key=KEY, content=b"first")

    archive.put(key=KEY, content=b"second")

    assert archive.get(key=KEY) == b"first"


def test_what_is_not_there_is_not_found(archive: Archive) -> None:
    with pytest.raises(NotFoundError):
        archive.get(key=KEY)


def test_an_address_tells_where_the_document_is_and_how_to_call_it(archive: Archive) -> None:
    archive.put(key=KEY, content=b"first")

    address = archive.url(key=KEY, filename="invoice-2026-0001.pdf")

    assert KEY in address
    assert "invoice-2026-0001.pdf" in address
