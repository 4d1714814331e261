from collections.abc import Callable

import pytest

from domain.mailing import Attachment, MailRefusedError, Postman, invoice_mail
from infrastructure.ses import SesPostman
from tests import data_stack
from tests.builders import an_issued_invoice
from tests.fakes import RecordingPostman

SENDER = "invoices@invoicely.example"
MAIL = invoice_mail(
    an_issued_invoice(),
    recipient="billing@acme.example",
    attachments=(Attachment(number="2026-0001", content=b"%PDF-1.7"),),
)


def in_memory(*, refuses: bool = False) -> Postman:
    postman = RecordingPostman()
    postman.fails = [MailRefusedError("refused")] if refuses else []
    return postman


def over_ses(*, refuses: bool = False) -> Postman:
    """SES refuses every mail from an address that it was not shown to belong to us."""
    ses = data_stack.client("ses")
    if not refuses:
        ses.verify_email_identity(EmailAddress=SENDER)
    return SesPostman(ses, SENDER, "invoicely-dev")


@pytest.fixture(params=["memory", "ses"])
def a_postman(request: pytest.FixtureRequest) -> Callable[..., Postman]:
    if request.param == "memory":
        return in_memory
    request.getfixturevalue("watched")
    return over_ses


def test_each_mail_is_answered_with_an_id_of_its_own(a_postman: Callable[..., Postman]) -> None:
    postman = a_postman()

    message_ids = {postman.send(mail=MAIL) for _ in range(3)}

    assert len(message_ids) == 3
    assert all(message_ids)


def test_a_mail_that_is_certainly_not_sent_is_told_as_refused(a_postman: Callable[..., Postman]) -> None:
    postman = a_postman(refuses=True)

    with pytest.raises(MailRefusedError):
        postman.send(mail=MAIL)
