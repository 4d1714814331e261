"""The self-employed person: who sends the invoices, and how they look by default."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from domain import checks
from domain.access import Caller
from domain.bank_accounts import possible_bank
from domain.errors import ConflictError, InvalidError, NotFoundError, Problem
from domain.fields import values
from domain.identifiers import AccountId
from domain.money import known_currency
from domain.parties import LANGUAGES, MOST_TERMS_DAYS, Address, BankDetails, Contact, Party
from domain.patterns import neat, new_numbers, number_pattern, of_its_own
from domain.small_businesses import has_scheme, small_business_tax
from domain.tax import NOT_SUBJECT, Tax
from domain.vat_ids import possible_tax_id
from domain.versions import require_seen

LONGEST_NAME = 200
MOST_REMINDERS = 5
_LONGEST_LATE = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountDetails:
    """What a person says about their business.

    `number_pattern` makes invoice numbers: `{year}`, `{month}` of the issue date and `{seq}`, `{seq:04}`
    the running number; with `{year}` in it the running number starts anew each year. Credit notes have
    numbers of their own, by `credit_note_pattern` or, without it, by `CN-` and the pattern of invoices. The
    address may come later than the rest, but before the first client. `tax` is on all work of which neither
    the work nor its client says another; a `small_business` charges none, by the scheme of its country.
    `contact` is whom clients ask, where that is another than the name and the e-mail address say. Clients are
    reminded `reminder_days` after the day of payment, and not at all where there are none: this
    holds for invoices from then on.
    """

    name: str
    email: str
    currency: str
    time_zone: str
    address: Address | None = None
    language: str = "en"
    tax_id: str | None = None
    payment_terms_days: int = 14
    bank: BankDetails | None = None
    number_pattern: str = "{year}-{seq:04}"
    tax: Tax | None = None
    small_business: bool = False
    credit_note_pattern: str | None = None
    reminder_days: tuple[int, ...] = ()
    contact: Contact | None = None

    def __post_init__(self) -> None:
        checks.require(
            checks.text("name", self.name, longest=LONGEST_NAME),
            checks.email("email", self.email),
            known_currency("currency", self.currency),
            checks.time_zone("time_zone", self.time_zone),
            known_language("language", self.language),
            checks.optional_text("tax_id", self.tax_id, longest=50),
            checks.number(
                "payment_terms_days",
                self.payment_terms_days,
                least=0,
                most=MOST_TERMS_DAYS,
            ),
            number_pattern("number_pattern", self.number_pattern),
            number_pattern("credit_note_pattern", self.credit_note_pattern),
            *self._scheme(),
            _days("reminder_days", self.reminder_days),
        )

    @property
    def numbers_credit_notes(self) -> str:
        """The pattern of the numbers of credit notes."""
        return self.credit_note_pattern or f"CN-{self.number_pattern}"

    @property
    def patterns(self) -> dict[str, str]:
        """The patterns of all its numbers, by the field that says them."""
        return {"number_pattern": self.number_pattern, "credit_note_pattern": self.numbers_credit_notes}

    def improbable(self, before: "AccountDetails | None" = None) -> Iterator[checks.Found]:
        """What cannot be of tax id, bank details and numbers, where they are others than *before*."""
        if before is None or self.tax_id != before.tax_id:
            yield possible_tax_id("tax_id", self.tax_id)
        if before is None or self.bank != before.bank:
            yield possible_bank("bank", self.bank)
        if before is None or self.patterns != before.patterns:
            yield of_its_own("credit_note_pattern", self.numbers_credit_notes, beside=self.number_pattern)
            yield neat("number_pattern", self.number_pattern)
            yield neat("credit_note_pattern", self.credit_note_pattern or "")

    def _scheme(self) -> Iterator[checks.Found]:
        if not self.small_business:
            return
        told = "a small business charges no tax: take this one away (null, or --clear tax), or be none"
        yield checks.that(self.tax is None, "tax", code="both", message=told)
        told = "is a scheme of the European Union; elsewhere, leave it and the tax away: not subject to tax"
        is_there = self.address is None or has_scheme(self.address.country)
        yield checks.that(is_there, "small_business", code="no-such-scheme", message=told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account(AccountDetails):
    """An account as stored."""

    id: AccountId
    version: int = 1

    @classmethod
    def of_sign_in(cls, account_id: AccountId, email: str) -> "Account":
        """The account of a person of whom nothing is known but the address that they sign in with."""
        name = email[:LONGEST_NAME]
        return cls(id=account_id, name=name, email=email, currency="EUR", time_zone="UTC")

    @property
    def is_complete(self) -> bool:
        """Whether all is there that an invoice has to show of its seller."""
        return self.address is not None

    def changed(self, details: AccountDetails) -> "Account":
        """The account with other details.

        Raises:
            InvalidError: the address is gone that the invoices of its clients show, or what is new of the
                tax id and the bank details is nobody's.
        """
        checks.require(*details.improbable(self))
        if self.is_complete and details.address is None:
            told = "stands on every invoice; it can be changed, but not taken away"
            raise InvalidError(Problem("/address", "missing", told))
        return replace(self, **values(details, AccountDetails))

    def details(self) -> AccountDetails:
        """The part of the account that a person decides about."""
        return AccountDetails(**values(self, AccountDetails))

    def client_defaults(self) -> dict[str, Any]:
        """What a new client takes over where nothing else is said.

        Raises:
            AccountIncompleteError: a client could be invoiced by nobody yet.
        """
        self._shown_address()
        names = ("currency", "time_zone", "payment_terms_days", "language")
        return {name: getattr(self, name) for name in names}

    def usual_tax(self) -> Tax:
        """The tax on its work where nothing else is said."""
        if self.small_business and self.address:
            return small_business_tax(self.address.country)
        return self.tax or NOT_SUBJECT

    def as_seller(self) -> Party:
        """The account as it stands on an invoice.

        Raises:
            AccountIncompleteError: it has no address, so that the invoice would be none.
        """
        address = self._shown_address()
        return Party(
            name=self.name, address=address, tax_id=self.tax_id, email=self.email, contact=self.contact
        )

    def _shown_address(self) -> Address:
        if self.address is None:
            raise AccountIncompleteError("the account has no address yet, which every invoice has to show")
        return self.address


class NoAccountError(NotFoundError):
    """The account was never opened."""


class AccountIncompleteError(ConflictError):
    """Something of the account is missing that every invoice shows."""

    code = "account-incomplete"


class Accounts(Protocol):
    """The accounts by id."""

    def get(self, *, account_id: AccountId) -> Account:
        """Raise `NoAccountError` where there is none."""
        ...

    def add(self, *, account: Account) -> None:
        """Raise `ConflictError` where there is one already; nothing is stored then."""
        ...

    def update(self, *, account_id: AccountId, change: Callable[[Account], Account]) -> Account:
        """Store what *change* makes of the account, one version later, and return it.

        *change* runs again when somebody else wrote in between; what it raises escapes, nothing stored.
        """
        ...


class GivenSeries(Protocol):
    """The series of numbers that each account has used."""

    def series(self, *, account_id: AccountId) -> Sequence[str]:
        """Each that has given a number; one that began this moment may be missing."""
        ...


class AccountDirectory(Protocol):
    """Knows which accounts there are."""

    def every(self) -> Iterator[AccountId]:
        """All accounts in no order; one that was opened a moment ago may be missing."""
        ...


def save_account(
    details: AccountDetails,
    *,
    account_id: AccountId,
    accounts: Accounts,
    numbers: GivenSeries,
    seen: Callable[[], int | None] = lambda: None,
) -> Account:
    """Open the account, or give it other details; saying the same twice changes nothing more.

    *seen* is asked, where there is an account already, for the version that the person has seen.

    Raises:
        ChangedMeanwhileError: the account has another version than was seen.
        InvalidError: a tax id, an IBAN or a BIC that nobody has, or numbers that were given already.
    """

    def change(account: Account) -> Account:
        require_seen(account, seen())
        changed = account.changed(details)
        checks.require(*_printing_again(account, changed, numbers))
        return changed

    try:
        return accounts.update(account_id=account_id, change=change)
    except NotFoundError:
        checks.require(*details.improbable())
        account = Account(**values(details, AccountDetails), id=account_id)
    try:
        accounts.add(account=account)
    except ConflictError:  # opened by another request in between
        return accounts.update(account_id=account_id, change=change)
    return account


def sign_up(caller: Caller, *, accounts: Accounts) -> Account:
    """The caller's account; for a person who is here for the first time it is opened.

    Raises:
        NotFoundError: there is none, and nothing is known to open it with.
    """
    try:
        return accounts.get(account_id=caller.account_id)
    except NotFoundError:
        if caller.email is None:
            raise
    account = Account.of_sign_in(caller.account_id, caller.email)
    try:
        accounts.add(account=account)
    except ConflictError:  # opened by another request in between
        return accounts.get(account_id=caller.account_id)
    return account


def known_language(field: str, value: str) -> checks.Found:
    """A language that invoices can be written in."""
    yield from checks.that(
        value in LANGUAGES,
        field,
        code="unknown-language",
        message=f"must be one of {', '.join(LANGUAGES)}",
    )


def _printing_again(before: Account, after: Account, numbers: GivenSeries) -> Iterator[checks.Found]:
    """What is new of the patterns must print no number a second time."""
    for field, pattern in after.patterns.items():
        if pattern != before.patterns[field]:
            yield new_numbers(field, pattern, given=numbers.series(account_id=after.id))


def _days(field: str, days: tuple[int, ...]) -> checks.Found:
    """Days that come one after the other."""
    told = f"must be at most {MOST_REMINDERS} days from 1 to {_LONGEST_LATE}, each later than the one before"
    is_rising = list(days) == sorted(set(days))
    in_range = all(1 <= each <= _LONGEST_LATE for each in days)
    is_right = len(days) <= MOST_REMINDERS and is_rising and in_range
    yield from checks.that(is_right, field, code="not-reminder-days", message=told)
