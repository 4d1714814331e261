"""Requests that bear a key, and how many requests there are in a minute, in memory."""

import datetime as dt
from dataclasses import replace

from domain.errors import ConflictError, NotFoundError
from domain.identifiers import AccountId
from domain.rates import Rates
from domain.requests import KeyedRequest, RequestId, Requests
from tests.fakes.store import Store


class InMemoryRequests:
    """Implements `domain.requests.Requests`; its length counts the keys that are known."""

    def __init__(self, store: Store | None = None) -> None:
        self._store = store or Store()

    def __len__(self) -> int:
        return len(self._store.requests)

    def __contains__(self, request_id: object) -> bool:
        return any(known == request_id for _, known in self._store.requests)

    def add(self, *, request: KeyedRequest) -> None:
        with self._store.call("requests.add", commits=True):
            if (request.account_id, request.id) in self._store.requests:
                raise ConflictError(f"{request.id} is taken")
            self._store.requests[request.account_id, request.id] = request

    def get(self, *, account_id: AccountId, request_id: RequestId) -> KeyedRequest:
        with self._store.call("requests.get"):
            if (found := self._store.requests.get((account_id, request_id))) is None:
                raise NotFoundError(f"there is no request {request_id}")
            return found

    def replace(self, *, read: KeyedRequest, by: KeyedRequest) -> KeyedRequest:
        with self._store.call("requests.replace", commits=True):
            known = self._store.requests.get((read.account_id, read.id))
            if known is None or known.version != read.version:
                raise ConflictError(f"somebody else has written {read.id}")
            stored = replace(by, version=read.version + 1)
            self._store.requests[read.account_id, read.id] = stored
            return stored


class InMemoryRates:
    """Implements `domain.rates.Rates`."""

    def __init__(self, store: Store | None = None) -> None:
        self._store = store or Store()

    def __len__(self) -> int:
        return self._store.rates.total()

    def __contains__(self, account_id: object) -> bool:
        return any(account == account_id for account, _ in self._store.rates)

    def take(self, *, account_id: AccountId, minute: dt.datetime, permits: int) -> int:
        with self._store.call("rates.take", commits=True):
            self._store.rates[account_id, minute] += permits
            return self._store.rates[account_id, minute]


_requests: type[Requests] = InMemoryRequests
_rates: type[Rates] = InMemoryRates
