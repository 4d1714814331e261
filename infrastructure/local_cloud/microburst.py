"""microburst in a process of its own: it stands between the functions and ministack, and breaks their calls.

    function ──AWS_ENDPOINT_URL──▶ microburst ──▶ ministack ◀── command line, tests

Only what the functions' own SDK calls passes it. It keeps no `Host`, so signatures do not hold behind it, and
ministack has to run without IAM.
"""

import argparse
import http.client
import os
import socket
from collections.abc import Mapping
from urllib.parse import urlsplit

from infrastructure.local_cloud import leash

BROKEN = ("dynamodb", "sns", "sqs", "ses", "s3")
"""The services that functions call; their descriptions are read before the first call waits for it."""

PATIENCE = 15.0
"""Seconds that it may take to start; it takes one."""

REMEMBERED = 100_000
"""How many faults it can tell of afterwards."""


def environment() -> Mapping[str, str]:
    """Give the proxy a clean environment, with no credentials to sign anything with."""
    return {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "NO_PROXY": "127.0.0.1,localhost"}


def address(listener: socket.socket) -> str:
    """Tell where the proxy listens, once it does."""
    host, port = listener.getsockname()
    return f"http://{host}:{port}"


def answers(proxy: str) -> bool:
    """Tell whether the proxy serves; it has a few seconds for that."""
    connection = http.client.HTTPConnection(urlsplit(proxy).netloc, timeout=PATIENCE)
    try:
        connection.request("GET", "/_microburst/health")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def main() -> None:
    """Serve the inherited socket until told to stop, or until the holder of the leash is gone."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--token", required=True)
    parser.add_argument("--leash", type=int, required=True)
    parser.add_argument("--socket", type=int, required=True)
    parser.add_argument("--upstream", required=True)
    arguments = parser.parse_args()
    leash.follow(arguments.leash, clean_up=lambda: None)
    _serve(socket.socket(fileno=arguments.socket), arguments.upstream)


def _serve(listener: socket.socket, upstream: str) -> None:
    from aiohttp import web  # noqa: PLC0415 - only this process needs what takes so long to import
    from aiohttp.typedefs import Handler  # noqa: PLC0415 - only where it is run
    from microburst.app import make_app  # noqa: PLC0415 - only where it is run
    from microburst.core.pipeline import Microburst  # noqa: PLC0415 - only where it is run
    from microburst.models import get_service_model  # noqa: PLC0415 - only where it is run

    @web.middleware
    async def without_host(request: web.Request, handler: Handler) -> web.StreamResponse:
        """Hide by which name it was called; every call tells its service by its signature.

        microburst would look for the name in the descriptions of all services, which takes seconds to read.
        """
        headers = request.headers.copy()
        headers.pop("Host", None)
        return await handler(request.clone(headers=headers))

    for service in BROKEN:
        get_service_model(service)
    app = make_app(Microburst(upstream, fired_capacity=REMEMBERED))
    app.middlewares.append(without_host)
    web.run_app(app, sock=listener, print=None)


if __name__ == "__main__":
    main()
