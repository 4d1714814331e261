from datetime import UTC, datetime
from pathlib import Path

from infrastructure.local_cloud.mailbox import put

EIGHT = datetime(2026, 10, 31, 8, 0, 0, 42, tzinfo=UTC)


def test_a_mail_is_a_file_named_by_time_and_recipient(tmp_path: Path) -> None:
    put(tmp_path / "mails", "anna@client.example", b"Subject: Invoice 42\r\n\r\n", at=EIGHT)

    [mail] = (tmp_path / "mails").iterdir()
    assert mail.name == "20261031T080000.000042Z-anna@client.example.eml"
    assert mail.read_bytes() == b"Subject: Invoice 42\r\n\r\n"


def test_a_recipient_cannot_choose_the_folder(tmp_path: Path) -> None:
    mail = put(tmp_path, '"../../etc/cron.d/x"@client.example', b"", at=EIGHT)

    assert mail.parent == tmp_path
