"""Mail by SES, which takes the whole message as it travels."""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError, EndpointConnectionError

from domain.mailing import Mail, MailRefusedError, Postman
from infrastructure.mail.events import tags_of
from infrastructure.mail.message import bytes_of

_SERVER_ERROR = 500


class MailUncertainError(Exception):
    """SES gave no answer: the mail may or may not have been taken."""


class SesPostman:
    """Implements `domain.mailing.Postman`.

    The client must not repeat calls by itself: SES knows no token by which it would send only once.
    """

    def __init__(self, client: Any, sender: str, configuration_set: str) -> None:  # noqa: ANN401 - boto3 makes its classes at run time
        self._client = client
        self._sender = sender
        self._configuration_set = configuration_set

    def send(self, *, mail: Mail) -> str:
        content = self._bytes_of(mail)
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

    def _bytes_of(self, mail: Mail) -> bytes:
        """The mail as it travels; one that cannot be written must not look like one that may be out."""
        try:
            return _marked(mail, self._configuration_set) + bytes_of(mail, self._sender)
        except Exception as error:
            raise MailRefusedError(f"no mail can be made of this: {type(error).__name__}") from error


def _marked(mail: Mail, configuration_set: str) -> bytes:
    """Headers for SES, which it takes off: where to tell what becomes of the mail, and which mail it is."""
    tags = ", ".join(f"{name}={value}" for name, value in tags_of(mail).items())
    return f"X-SES-CONFIGURATION-SET: {configuration_set}\r\nX-SES-MESSAGE-TAGS: {tags}\r\n".encode("ascii")


_: type[Postman] = SesPostman  # the promise, checked by mypy
