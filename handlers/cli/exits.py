"""How a command ends: what people read where it failed, and the exit code that scripts read."""

import re
from collections.abc import Iterator
from enum import IntEnum

import click

from domain.accounts import NoAccountError
from domain.errors import ConflictError, InvalidError, InvoicelyError, NotFoundError
from domain.timesheets import NotAnExportError
from handlers.cli.called import program
from handlers.cli.output import printable
from infrastructure.access import NotSignedInError
from infrastructure.local_cloud.errors import LocalCloudError


class Exit(IntEnum):
    """The exit codes of `invoicely`."""

    OK = 0
    FAILURE = 1
    INVALID = 2
    NOT_FOUND = 3
    NOT_SIGNED_IN = 4
    CONFLICT = 5
    PARTIAL = 6
    INTERRUPTED = 130


_NOT_SIGNED_IN = {
    *("NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError", "ProfileNotFound"),
    *("SSOTokenLoadError", "UnauthorizedSSOTokenError", "TokenRetrievalError", "LoginTokenLoadError"),
    *("AccessDenied", "AccessDeniedException", "UnrecognizedClientException", "InvalidClientTokenId"),
    *("ExpiredToken", "ExpiredTokenException", "InvalidSignatureException", "SignatureDoesNotMatch"),
}


def exit_code_of(error: Exception) -> Exit:
    """The code for an error that was anticipated."""
    if isinstance(error, NotSignedInError) or any(_says_not_signed_in(each) for each in _causes(error)):
        return Exit.NOT_SIGNED_IN
    match error:
        case click.UsageError() | InvalidError() | NotAnExportError():
            return Exit.INVALID
        case NotFoundError():
            return Exit.NOT_FOUND
        case ConflictError():
            return Exit.CONFLICT
        case click.Abort():
            return Exit.INTERRUPTED
        case _:
            return Exit.FAILURE


def told(error: Exception) -> list[str] | None:
    """What to tell about an error, a line for each problem; None where nobody anticipated it."""
    match error:
        case click.Abort():
            return ["stopped"]
        case InvalidError():
            return [_error(_problem(problem.pointer, problem.message)) for problem in error.problems]
        case _:
            said = _said(error)
            return [_error(said)] if said is not None else None


def _said(error: Exception) -> str | None:
    match error:
        case click.UsageError(ctx=context) if context:
            return f"{_usage(error)} (see {context.command_path} --help)"
        case click.ClickException():
            return error.format_message()
        case LocalCloudError() | InvoicelyError():
            return _ours(error)
        case OSError(filename=name, strerror=reason) if reason:
            return f"{name}: {reason}" if name else reason
        case _:
            return f"AWS: {error}" if _is_of_the_sdk(error) else None


def _ours(error: Exception) -> str:
    if isinstance(error, NoAccountError):
        return f"there is no account yet: {program()} account set --from examples/account.toml opens one"
    return str(error).replace("invoicely local up", f"{program()} local up")


def _usage(error: click.UsageError) -> str:
    if isinstance(error, click.NoSuchOption) and re.match(r"-[0-9.]", error.option_name):
        return f"{error.option_name} is no option, and no amount is below 0: leave out the minus"
    return error.format_message()


def _problem(pointer: str, message: str) -> str:
    place = pointer.strip("/").replace("/", ".")
    return f"{place}: {message}" if place else message


def _error(text: str) -> str:
    """One line, whatever the text was, with nothing in it that steers a terminal."""
    return f"error: {printable(' '.join(text.split()))}"


def _is_of_the_sdk(error: Exception) -> bool:
    """Whether boto3 raised it; a command that fails does not load boto3 to find out."""
    return any(base.__module__ == "botocore.exceptions" for base in type(error).__mro__)


def _says_not_signed_in(error: BaseException) -> bool:
    response = getattr(error, "response", None) or {}
    code = response.get("Error", {}).get("Code")
    return bool({type(error).__name__, code} & _NOT_SIGNED_IN)


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause:
        yield cause
        cause = cause.__cause__
