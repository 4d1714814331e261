"""Who asks, for which account, and what they may do there."""

from dataclasses import dataclass
from enum import StrEnum

from domain.errors import WillNeverWorkError
from domain.identifiers import AccountId


class Scope(StrEnum):
    """What somebody may do: look, change what is theirs, deal with failures."""

    READ = "read"
    WRITE = "write"
    OPERATE = "operate"


class ForbiddenError(WillNeverWorkError):
    """The one who asks is known, but may not do this."""

    code = "forbidden"


class SignInRequiredError(ForbiddenError):
    """This is for a person who signed in; a token, which may have been stolen, cannot do it."""

    code = "sign-in-required"


class RefusedError(WillNeverWorkError):
    """What was presented names nobody; `reason` says why, in a word that may stand in a log."""

    code = "refused"

    def __init__(self, reason: str) -> None:
        super().__init__(f"what was presented is refused: {reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks: a person who signed in, or a program with a token of theirs; `email` only of a person."""

    account_id: AccountId
    scopes: frozenset[Scope] = frozenset(Scope)
    email: str | None = None
    token_id: str | None = None

    def require(self, scope: Scope) -> None:
        """Raise `ForbiddenError` where this is not among what they may do."""
        if scope not in self.scopes:
            told = ", ".join(sorted(self.scopes)) or "nothing"
            raise ForbiddenError(f"this needs the scope {scope}; the token has {told}")

    def require_sign_in(self) -> None:
        """Raise `SignInRequiredError` where a token asks."""
        if self.token_id is not None:
            raise SignInRequiredError("this needs somebody who signed in; a token cannot do it")
