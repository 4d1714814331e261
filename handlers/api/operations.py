"""What can be asked of the HTTP API, one operation each.

The router, the access and the OpenAPI document know it from here.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING

from domain.access import Scope
from handlers.api.queries import CURSOR, LIMIT, Parameter

if TYPE_CHECKING:
    from handlers.api.answers import Answer
    from handlers.api.requests import Request

Serve = Callable[["Request"], "Answer"]


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One method of one path, such as `GET /v1/clients/{id}`, and all that there is to know about it.

    By its `name`, a verb and a noun, programs call it that were generated from the OpenAPI document.
    `needs` is the scope of whoever asks (None: it is open to everybody), and where it says so only a `person`
    may ask. `takes` is the shape of the JSON body (None: there is none), of which a request that `patches`
    sends a part (RFC 7396), and in which what `defaults` names may be left out. `gives` is the shape of the
    answer; one that `lists` answers with a page of such. `otherwise` are other statuses that it may answer
    with, and their shapes. `matches` says that If-Match has to be sent, `secret` that the field `secret` of
    the answer is shown once and kept nowhere. `refuses` are the errors beside those that any operation may
    answer with.
    """

    route: str
    name: str
    serve: Serve
    summary: str
    needs: Scope | None = Scope.READ
    person: bool = False
    takes: type | None = None
    patches: bool = False
    defaults: frozenset[str] = frozenset()
    gives: type | None = None
    lists: bool = False
    matches: bool = False
    secret: bool = False
    status: HTTPStatus = HTTPStatus.OK
    otherwise: Mapping[HTTPStatus, type] = field(default_factory=dict)
    query: tuple[Parameter, ...] = ()
    refuses: tuple[type[Exception], ...] = ()

    @property
    def method(self) -> str:
        return self.route.split()[0]

    @property
    def path(self) -> str:
        """The path with a name in braces for what differs, such as `/v1/clients/{id}`."""
        return self.route.split()[1]

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """All that may stand behind the `?`."""
        return (*((LIMIT, CURSOR) if self.lists else ()), *self.query)

    def leads(self, path: str) -> Mapping[str, str] | None:
        """What stands in this path for each name in braces; None where the path is another one."""
        found = self._pattern.fullmatch(path)
        return None if found is None else found.groupdict()

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(self.path)))
