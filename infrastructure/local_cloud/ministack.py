"""ministack in a process of its own: how it is started, asked, and run."""

import argparse
import http.client
import importlib.metadata
import json
import os
import runpy
import sys
from collections.abc import Mapping
from pathlib import Path

from infrastructure.local_cloud import leash, quick_keys
from infrastructure.local_cloud.errors import StartError
from infrastructure.local_cloud.home import Home
from infrastructure.local_cloud.names import REGION

VERSION = "1.5.33"
"""The release whose behaviour was measured and whose gaps `adapting` and `mending` fill."""


def check_version() -> None:
    """Refuse another ministack than the measured one.

    Raises:
        StartError: another version is installed.
    """
    if (installed := importlib.metadata.version("ministack")) != VERSION:
        raise StartError(
            f"The local cloud needs ministack {VERSION}, installed is {installed}: run make setup"
        )


def environment(
    *, port: int, smtp_port: int, token: str, home: Home, proxy: str | None = None
) -> Mapping[str, str]:
    """Give ministack and, since they inherit it, the functions' processes a clean environment.

    The functions call ministack itself, or by way of *proxy*: then no signature holds, and IAM is off.
    """
    return {
        "PATH": os.defpath,
        "LC_ALL": "C.UTF-8",
        "HOME": str(home.temporary),  # no ~/.aws of the user
        "TMPDIR": str(home.temporary),
        "PYTHONDONTWRITEBYTECODE": "1",  # each worker has its own copy of the code and throws it away
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "MINISTACK_REGION": REGION,
        "MINISTACK_EDITION": token,  # the health page tells it: so we know whose ministack answers on a port
        "AUTH": "false" if proxy else "true",  # every function is held to its own role
        "SMTP_HOST": f"127.0.0.1:{smtp_port}",
        "IOT_MTLS_ENABLED": "0",  # would listen on 0.0.0.0:8883
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": "unix:///nonexistent",  # would remove containers of the user's other ministacks
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1,localhost",
    } | ({"AWS_ENDPOINT_URL": proxy} if proxy else {})


def is_healthy(port: int, token: str) -> bool:
    """Tell whether the ministack with this token answers on the port."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/_ministack/health")
        answer = json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException, ValueError):
        return False
    finally:
        connection.close()
    return isinstance(answer, dict) and answer.get("edition") == token


def main() -> None:
    """Run ministack until it is told to stop, or until the holder of the leash is gone."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--token", required=True)
    parser.add_argument("--leash", type=int, required=True)
    parser.add_argument("--home", type=Path, required=True)
    arguments = parser.parse_args()
    leash.follow(arguments.leash, clean_up=Home(arguments.home).clear)
    quick_keys.install()
    sys.argv = ["ministack"]
    runpy.run_module("ministack", run_name="__main__")


if __name__ == "__main__":
    main()
