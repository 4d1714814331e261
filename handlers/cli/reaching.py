"""How to reach a local cloud that runs: for programs, and for people who want to try it."""

from pathlib import Path
from typing import TYPE_CHECKING

from handlers.cli.called import program

if TYPE_CHECKING:
    from infrastructure.local_cloud.cloud import LocalCloud


def described(cloud: "LocalCloud") -> dict[str, str]:
    """What a program needs to use the cloud."""
    return {
        "api_url": cloud.api_url,
        "endpoint_url": cloud.access.endpoint,
        "region": cloud.access.region,
        "user_pool_client_id": cloud.client_id,
        "email": cloud.sign_in.email,
        "password": cloud.sign_in.password,
        "table": cloud.table,
        "bucket": cloud.bucket,
        "mailbox": str(cloud.mailbox),
    }


def instructions(cloud: "LocalCloud", *, home: Path | None, email: str | None = None) -> list[str]:
    """What a person needs; *home* and *email* where they are not the default ones."""
    where = f" --home {home}" if home else ""
    token = f"{program()} local token" + (f" --email {email}" if email else "") + where
    return [
        f"API       {cloud.api_url}/v1",
        f"Sign-in   {email or cloud.sign_in.email}, password {cloud.sign_in.password}",
        f'Try       curl -H "Authorization: Bearer $({token})" {cloud.api_url}/v1/clients',
        f"Mails     {cloud.mailbox} (.eml files, with the PDFs in them)",
        f"Stop      {program()} local down{where}",
    ]
