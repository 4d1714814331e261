"""`invoicely serve`: the HTTP API on a local port, to be looked at with a debugger."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from handlers.cli.output import printable
from handlers.cli.session import choosing_environment, enter

if TYPE_CHECKING:
    from handlers.cli.gateway import Gateway

_HOST = "127.0.0.1"
_THREADS = 8
_LARGEST = 10 * 1024 * 1024  # bytes, as API Gateway takes them


@click.command(epilog="Example: invoicely serve --port 8080")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8080,
    show_default=True,
    help="Where to listen; 0 takes a free one.",
)
@choosing_environment
def command(*, port: int, environment: str | None, home: Path | None) -> None:
    """Serve the HTTP API on 127.0.0.1, in this process.

    The same code as behind the gateway, with the settings of the deployed functions and over the same table.
    Stop it with Ctrl-C.
    """
    from waitress.server import create_server  # type: ignore[import-untyped] # it has no types

    gateway = _gateway(environment, home)
    try:
        server = create_server(
            gateway, host=_HOST, port=port, threads=_THREADS, max_request_body_size=_LARGEST, ident=None
        )
    except OSError as error:
        raise click.ClickException(f"port {port} cannot be used: {error.strerror}") from error
    address = f"http://{_HOST}:{server.effective_port}"
    click.echo(f"The API is at {address}/v1, and told at {address}/docs. Ctrl-C stops it.")
    _run(server.run, server.close)


def _run(run: Callable[[], None], close: Callable[[], None]) -> None:
    """Serve until somebody says that it is enough."""

    def stop(_signal: int, _frame: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    try:
        run()
    except KeyboardInterrupt:
        click.echo("Stopped.", err=True)
    finally:
        close()


def _gateway(environment: str | None, home: Path | None) -> "Gateway":
    enter(environment, home)
    from handlers import authorize
    from handlers.api import app
    from handlers.api.routes import operations
    from handlers.cli.gateway import Gateway
    from infrastructure import discovery

    for function in ("authorize", "api"):
        os.environ.update(discovery.settings_of(os.environ["INVOICELY_ENVIRONMENT"], function))
    free = frozenset(operation.route for operation in operations() if operation.needs is None)
    return Gateway(authorize.handler, app.handler, free, _tell)


def _tell(error: Exception) -> None:
    click.echo(printable(f"a function failed: {type(error).__name__}: {error}"), err=True)
