"""Invoices by mail: SES takes the raw message, with the PDF attached."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError, EndpointConnectionError

from domain.delivery import Mail, MailRefusedError, Postman
from infrastructure.documents.language import Language, speak

# Not every server on the way takes eight bits (RFC 6152): a name or a text in any script goes encoded.
_SEVEN_BIT = SMTP.clone(cte_type="7bit")
_SERVER_ERROR = 500


class MailUncertainError(Exception):
    """SES gave no answer: the mail may or may not have been taken."""


class SesPostman:
    """Implements `domain.delivery.Postman`.

    The client must not repeat calls by itself: SES knows no token by which it would send only once.
    """

    def __init__(self, client: Any, sender: str) -> None:  # noqa: ANN401 - boto3 makes its classes at run time
        self._client = client
        self._sender = sender

    def send(self, *, mail: Mail) -> str:
        content = _bytes_of(mail, self._sender)
        try:
            answer = self._client.send_raw_email(
                Source=self._sender, Destinations=[mail.recipient], RawMessage={"Data": content}
            )
        except (EndpointConnectionError, ConnectTimeoutError) as error:
            raise MailRefusedError("SES could not be reached") from error
        except ClientError as error:
            if error.response["ResponseMetadata"].get("HTTPStatusCode", _SERVER_ERROR) < _SERVER_ERROR:
                raise MailRefusedError(f"SES refused the mail: {error.response['Error']['Code']}") from error
            raise MailUncertainError("SES failed on the mail") from error
        except BotoCoreError as error:
            raise MailUncertainError("SES did not answer") from error
        message_id: str = answer["MessageId"]
        return message_id


def _bytes_of(mail: Mail, sender: str) -> bytes:
    """The mail as it travels; a name that no header can hold must not look like a mail that may be out."""
    try:
        return message_of(mail, sender).as_bytes()
    except Exception as error:
        raise MailRefusedError(f"no mail can be made of this: {type(error).__name__}") from error


def message_of(mail: Mail, sender: str) -> EmailMessage:
    """The mail as the client gets it: from the seller by way of our address, answers to the seller."""
    invoice = mail.invoice
    language = speak(invoice.language or "en")
    seller = invoice.seller
    name = seller.name if seller else ""
    message = EmailMessage(policy=_SEVEN_BIT)
    message["From"] = Address(display_name=name, addr_spec=sender)
    message["To"] = mail.recipient
    if seller and seller.email:
        message["Reply-To"] = Address(display_name=name, addr_spec=seller.email)
    message["Subject"] = language.mail["subject"].format(number=invoice.number, seller=name)
    message["X-Invoicely-Invoice"] = invoice.id
    message.set_content(_text(mail, language, name))
    message.add_attachment(mail.content, maintype="application", subtype="pdf", filename=mail.filename)
    return message


def _text(mail: Mail, language: Language, seller: str) -> str:
    invoice = mail.invoice
    said = {
        "number": invoice.number,
        "start": language.long_date(invoice.period_start),
        "end": language.long_date(invoice.last_day),
        "total": language.money(invoice.total, currency=invoice.currency),
        "due": language.long_date(invoice.payment_due_on or invoice.due_on),
    }
    paragraphs = [language.mail[part].format(**said) for part in ("greeting", "attached", "pay")]
    return "\n\n".join([*paragraphs, f"{language.mail['regards']}\n{seller}"]) + "\n"


_: type[Postman] = SesPostman  # the promise, checked by mypy
