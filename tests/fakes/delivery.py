"""Deliveries, documents and mails in memory."""

from collections.abc import Callable
from urllib.parse import quote

from domain.archiving import Archive
from domain.delivery import Deliveries, Delivery
from domain.documents import InvoiceDocument, Renderer
from domain.einvoices import EInvoices, Syntax
from domain.errors import NotFoundError
from domain.identifiers import AccountId, DocumentId
from domain.mailing import Mail, Postman
from tests.fakes.store import Store


class InMemoryDeliveries:
    """Implements `domain.delivery.Deliveries`."""

    def __init__(self, store: Store | None = None) -> None:
        self._store = store or Store()

    def __len__(self) -> int:
        return len(self._store.all(Delivery))

    def get(self, *, account_id: AccountId, invoice_id: DocumentId) -> Delivery:
        with self._store.call("deliveries.get"):
            untouched = Delivery(account_id=account_id, invoice_id=invoice_id)
            return self._store.find(Delivery, account_id, invoice_id) or untouched

    def update(
        self, *, account_id: AccountId, invoice_id: DocumentId, change: Callable[[Delivery], Delivery]
    ) -> Delivery:
        def read() -> Delivery:
            return self.get(account_id=account_id, invoice_id=invoice_id)

        return self._store.update("deliveries.update", read, change)


class InMemoryArchive:
    """Implements `domain.delivery.Archive`."""

    def __init__(self, store: Store | None = None) -> None:
        self._store = store or Store()
        self._documents: dict[str, bytes] = {}

    def __len__(self) -> int:
        return len(self._documents)

    def __contains__(self, key: object) -> bool:
        return key in self._documents

    def put(self, *, key: str, content: bytes) -> None:
        with self._store.call("archive.put", commits=True):
            self._documents.setdefault(key, content)

    def get(self, *, key: str) -> bytes:
        with self._store.call("archive.get"):
            if key not in self._documents:
                raise NotFoundError(f"there is no document {key}")
            return self._documents[key]

    def url(self, *, key: str, filename: str) -> str:
        return f"memory://documents/{quote(key)}?filename={quote(filename)}"


class RecordingPostman:
    """Implements `domain.mailing.Postman`; what stands in `fails` is raised once each, and nothing sent."""

    def __init__(self, store: Store | None = None) -> None:
        self._store = store or Store()
        self.mails: list[Mail] = []
        self.fails: list[Exception] = []

    def __len__(self) -> int:
        return len(self.mails)

    def __contains__(self, invoice_id: object) -> bool:
        return any(mail.invoice.id == invoice_id for mail in self.mails)

    def send(self, *, mail: Mail) -> str:
        with self._store.call("postman.send", commits=True):
            if self.fails:
                raise self.fails.pop(0)
            self.mails.append(mail)
            return f"message-{len(self.mails)}"


class PlainRenderer:
    """Implements `domain.documents.Renderer`: the bytes are the document's own representation."""

    def __init__(self) -> None:
        self.rendered: list[InvoiceDocument] = []

    def __len__(self) -> int:
        return len(self.rendered)

    def render(self, *, document: InvoiceDocument, cii: bytes | None = None) -> bytes:
        self.rendered.append(document)
        return repr(document).encode() + (cii or b"")


class PlainEInvoices:
    """Implements `domain.einvoices.EInvoices`: the syntax, and the document's own representation."""

    def write(self, *, document: InvoiceDocument, syntax: Syntax) -> bytes:
        return f"{syntax} {document!r}".encode()


_deliveries: type[Deliveries] = InMemoryDeliveries
_archive: type[Archive] = InMemoryArchive
_postman: type[Postman] = RecordingPostman
_renderer: type[Renderer] = PlainRenderer
_einvoices: type[EInvoices] = PlainEInvoices
