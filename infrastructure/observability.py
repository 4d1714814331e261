"""Structured logs: one line for each batch or request; ids in them, never names, addresses or amounts."""

from functools import cache

from aws_lambda_powertools import Logger


@cache
def logger() -> Logger:
    """The function's logger; its service and level come from the environment."""
    return Logger(utc=True, use_rfc3339=True)


def cause(error: BaseException) -> dict[str, str]:
    """What may be said of an error in a log: its type, its code and the line of ours that it came from."""
    told = {"error": type(error).__name__, "at": _place(error)}
    return told | ({"code": code} if isinstance(code := getattr(error, "code", None), str) else {})


def _place(error: BaseException) -> str:
    place = "unknown"
    trace = error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_globals.get("__name__", "")
        if name.partition(".")[0] in {"domain", "events", "infrastructure", "handlers"}:
            place = f"{name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
