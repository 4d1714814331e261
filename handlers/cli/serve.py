"""`invoicely serve`: the HTTP API on a local port, to be looked at with a debugger."""

import signal
from pathlib import Path
from types import FrameType

import click

from handlers.cli.output import printable
from handlers.cli.session import choosing_environment, enter

_HOST = "127.0.0.1"
_THREADS = 8
_MOST_BYTES = 10 * 1024 * 1024  # what API Gateway takes


@click.command(epilog="Example: invoicely serve --port 8080")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8080,
    show_default=True,
    help="Where to listen; 0: anywhere.",
)
@choosing_environment
def command(*, port: int, environment: str | None, home: Path | None) -> None:
    """Serve the HTTP API on 127.0.0.1, in this process.

    It is what the functions behind the gateway run, over the table of the environment. Stop it with Ctrl-C.
    """
    enter(environment, home)
    from waitress.server import create_server  # type: ignore[import-untyped] # it has no types

    try:
        server = create_server(
            _gateway(), host=_HOST, port=port, threads=_THREADS, max_request_body_size=_MOST_BYTES, ident=None
        )
    except OSError as error:
        raise click.ClickException(f"port {port} cannot be used: {error.strerror}") from error
    signal.signal(signal.SIGTERM, _stop)
    click.echo(f"The API is at http://{_HOST}:{server.effective_port}/v1, told at /docs. Ctrl-C stops it.")
    try:
        server.run()
    except KeyboardInterrupt:
        click.echo("Stopped.", err=True)
    finally:
        server.close()


def _gateway() -> object:
    from handlers import authorize
    from handlers.api import app
    from handlers.api.routes import OPERATIONS
    from handlers.cli.gateway import Gateway

    free = frozenset(operation.route for operation in OPERATIONS if operation.needs is None)
    return Gateway(authorize.handler, app.handler, free, _tell)


def _tell(error: Exception) -> None:
    click.echo(printable(f"a function failed: {type(error).__name__}: {error}"), err=True)


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
