"""The post office of the local cloud.

    ministack (SES) ──SMTP──▶ this process ──▶ <mailbox>/<time>-<recipient>.eml

Any mail program opens the files.
"""

import argparse
import asyncio
import re
import socket
from datetime import UTC, datetime
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from infrastructure.local_cloud import leash


class Mailbox:
    """Puts every mail it is handed into the folder, once per recipient."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802, ARG002 - as aiosmtpd calls it
        """Store a mail; aiosmtpd calls it by this name."""
        for recipient in envelope.rcpt_tos:
            put(self._folder, recipient, envelope.original_content or b"", at=datetime.now(UTC))
        return "250 OK"


def put(folder: Path, recipient: str, mail: bytes, *, at: datetime) -> Path:
    """Store a mail so that whoever lists the folder sees all of it or nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{at:%Y%m%dT%H%M%S.%fZ}-{re.sub(r'[^A-Za-z0-9@._+-]', '_', recipient)[:100]}.eml"
    hidden = folder / f".{name}.part"
    hidden.write_bytes(mail)
    return hidden.replace(folder / name)


def listen() -> socket.socket:
    """Take a free port of 127.0.0.1, for the process that will serve it."""
    return socket.create_server(("127.0.0.1", 0))


async def _serve(listener: socket.socket, folder: Path) -> None:
    loop = asyncio.get_running_loop()
    mailbox = Mailbox(folder)
    server = await loop.create_server(lambda: SMTP(mailbox, loop=loop, hostname="localhost"), sock=listener)
    await server.serve_forever()


def main() -> None:
    """Serve the inherited socket until told to stop, or until the holder of the leash is gone."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--token", required=True)
    parser.add_argument("--leash", type=int, required=True)
    parser.add_argument("--socket", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    arguments = parser.parse_args()
    leash.follow(arguments.leash, clean_up=lambda: None)
    asyncio.run(_serve(socket.socket(fileno=arguments.socket), arguments.folder))


if __name__ == "__main__":
    main()
