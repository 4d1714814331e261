"""What SES is given, and what its answers mean."""

from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)

from domain.mailing import MailRefusedError
from infrastructure.ses import MailUncertainError, SesPostman
from tests.mails import PDF, SENDER, a_mail

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

    message_id = SesPostman(ses, SENDER, "invoicely-dev").send(mail=a_mail())

    [sent] = ses.sent
    assert message_id == "0102019a-1"
    assert (sent["Source"], sent["Destinations"]) == (SENDER, ["billing@acme.example"])
    [attachment] = message_from_bytes(sent["RawMessage"]["Data"], policy=default).iter_attachments()
    assert attachment.get_content() == PDF


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
        SesPostman(Ses(fails=error), SENDER, "invoicely-dev").send(mail=a_mail())

    assert caught.value.__cause__ is error


def test_a_mail_that_cannot_be_written_certainly_was_not_sent() -> None:
    ses = Ses()

    with pytest.raises(MailRefusedError):
        SesPostman(ses, SENDER, "invoicely-dev").send(
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
        SesPostman(Ses(fails=error), SENDER, "invoicely-dev").send(mail=a_mail())

    assert caught.value.__cause__ is error
