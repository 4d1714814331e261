"""The mail as a client gets it, and what SES's answers mean."""

from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)

from domain.delivery import Mail, MailRefusedError
from domain.invoices import Invoice
from domain.parties import LANGUAGES
from infrastructure.ses import MailUncertainError, SesPostman
from tests.builders import BERLIN, a_client, an_issued_invoice

SENDER = "invoices@invoicely.example"
PDF = b"%PDF-1.7\r\n\xff\x00 not text"
URL = "https://email.eu-west-1.amazonaws.com"


class Ses:
    """Speaks as SES's client does."""

    def __init__(self, *, fails: Exception | None = None) -> None:
        self.sent: list[dict[str, Any]] = []
        self._fails = fails

    def send_raw_email(self, **arguments: Any) -> dict[str, str]:
        if self._fails:
            raise self._fails
        self.sent.append(arguments)
        return {"MessageId": "0102019a-1"}


def test_a_mail_goes_to_the_client_and_tells_its_message_id() -> None:
    ses = Ses()

    message_id = SesPostman(ses, SENDER).send(mail=a_mail())

    [sent] = ses.sent
    assert message_id == "0102019a-1"
    assert (sent["Source"], sent["Destinations"]) == (SENDER, ["billing@acme.example"])


def test_it_comes_from_the_seller_by_way_of_us_and_is_answered_to_the_seller() -> None:
    mail = as_received(a_mail())

    assert mail["From"] == f"Ada Lovelace <{SENDER}>"
    assert mail["Reply-To"] == "Ada Lovelace <ada@example.com>"
    assert mail["To"] == "billing@acme.example"
    assert mail["Subject"] == "Invoice 2026-0001 from Ada Lovelace"
    assert mail["X-Invoicely-Invoice"] == "inv_acme00000000000020261031"


def test_the_document_is_attached_byte_for_byte() -> None:
    [attachment] = as_received(a_mail()).iter_attachments()

    assert isinstance(attachment, EmailMessage)
    assert attachment.get_content() == PDF
    assert (attachment.get_content_type(), attachment.get_filename()) == (
        "application/pdf",
        "invoice-2026-0001.pdf",
    )


def test_the_text_says_what_is_to_be_paid_and_when() -> None:
    text = text_of(as_received(a_mail(an_issued_invoice(total=123_450))))

    assert "2026-0001" in text
    assert "1,234.50" in text
    assert "14 November 2026" in text
    assert text.strip().endswith("Ada Lovelace")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_client_is_written_to_in_its_own_language(language: str) -> None:
    invoice = an_issued_invoice(a_client(language=language))

    mail = as_received(a_mail(invoice))

    assert "2026-0001" in mail["Subject"]
    assert "{" not in mail["Subject"] + text_of(mail)
    assert ("Rechnung" in mail["Subject"]) == (language == "de")


@pytest.mark.parametrize(
    "name",
    [
        "Zoë Müller-Özdemir",
        "株式会社みどり",
        "شركة",
        'Ada "the Countess", Lovelace',
        "x" * 200,
    ],
)
def test_a_name_in_any_script_arrives_in_seven_bits(name: str) -> None:
    invoice = an_issued_invoice()
    seller = replace(invoice.seller, name=name) if invoice.seller else None
    ses = Ses()

    SesPostman(ses, SENDER).send(mail=a_mail(replace(invoice, seller=seller)))

    raw: bytes = ses.sent[0]["RawMessage"]["Data"]
    received = message_from_bytes(raw, policy=default)
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert received["From"].addresses[0].display_name == name
    assert received["From"].addresses[0].addr_spec == SENDER
    assert name in " ".join(text_of(received).split())


def test_a_seller_without_an_address_for_answers_is_answered_to_us() -> None:
    invoice = an_issued_invoice()
    seller = replace(invoice.seller, email=None, address=BERLIN) if invoice.seller else None

    assert as_received(a_mail(replace(invoice, seller=seller)))["Reply-To"] is None


@pytest.mark.parametrize(
    "error",
    [
        EndpointConnectionError(endpoint_url=URL),
        ConnectTimeoutError(endpoint_url=URL),
        *(
            ClientError(
                {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item] # as little as SES says
                "SendRawEmail",
            )
            for code, status in [("MessageRejected", 400), ("Throttling", 400), ("AccessDenied", 403)]
        ),
    ],
    ids=repr,
)
def test_what_certainly_was_not_sent_may_be_sent_again(error: Exception) -> None:
    with pytest.raises(MailRefusedError) as caught:
        SesPostman(Ses(fails=error), SENDER).send(mail=a_mail())

    assert caught.value.__cause__ is error


def test_a_mail_that_cannot_be_written_certainly_was_not_sent() -> None:
    ses = Ses()

    with pytest.raises(MailRefusedError):
        SesPostman(ses, SENDER).send(
            mail=replace(a_mail(), recipient="ada@example.com\nBcc: bob@example.com")
        )

    assert ses.sent == []


@pytest.mark.parametrize(
    "error",
    [
        ReadTimeoutError(endpoint_url=URL),
        ClientError(
            {"Error": {"Code": "InternalFailure"}, "ResponseMetadata": {"HTTPStatusCode": 500}},  # type: ignore[typeddict-item] # as little as SES says
            "SendRawEmail",
        ),
        ClientError({"Error": {"Code": "Unknown"}, "ResponseMetadata": {}}, "SendRawEmail"),  # type: ignore[typeddict-item] # as little as SES says
    ],
    ids=repr,
)
def test_what_may_have_been_sent_is_never_called_refused(error: Exception) -> None:
    with pytest.raises(MailUncertainError) as caught:
        SesPostman(Ses(fails=error), SENDER).send(mail=a_mail())

    assert caught.value.__cause__ is error


def a_mail(invoice: Invoice | None = None) -> Mail:
    invoice = invoice or an_issued_invoice()
    return Mail(
        recipient="billing@acme.example", invoice=invoice, filename="invoice-2026-0001.pdf", content=PDF
    )


def as_received(mail: Mail) -> EmailMessage:
    """The mail after its way through the wires."""
    ses = Ses()
    SesPostman(ses, SENDER).send(mail=mail)
    return message_from_bytes(ses.sent[0]["RawMessage"]["Data"], policy=default)


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(["plain"])
    assert body is not None
    text: str = body.get_content()
    return text
