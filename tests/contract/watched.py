"""Stands before a client of boto3: counts its calls, lets workers take turns at them, remembers tokens.

Pages of a query can be made as short as those of a table with a megabyte of longer items.
"""

from collections import Counter
from typing import Any

from tests.fakes import Hooked, Moment, Step


class Watched(Hooked):
    """Calls go through one at a time, each a step of its own."""

    def __init__(self, client: Any) -> None:
        super().__init__()
        self.calls = Counter[str]()
        self.items_read = 0
        self.asked: list[dict[str, Any]] = []
        self.most_in_a_page: int | None = None
        self._client = client
        self._known = set[str]()

    def get_item(self, **arguments: Any) -> Any:
        return self._call("get_item", arguments)

    def batch_get_item(self, **arguments: Any) -> Any:
        return self._call("batch_get_item", arguments)

    def query(self, **arguments: Any) -> Any:
        if self.most_in_a_page:
            arguments["Limit"] = self.most_in_a_page
        return self._call("query", arguments)

    def transact_write_items(self, **arguments: Any) -> Any:
        return self._call("transact_write_items", arguments)

    def update_item(self, **arguments: Any) -> Any:
        return self._call("update_item", arguments)

    def _call(self, operation: str, arguments: dict[str, Any]) -> Any:
        commits = operation in {"transact_write_items", "update_item"}
        token = arguments.get("ClientRequestToken")
        self.hook(Step(operation, Moment.BEFORE, commits))
        self.calls[operation] += 1
        self.asked.append(arguments)
        if token in self._known:
            return {}  # a token that DynamoDB knows: it has been done, says the answer
        answer = getattr(self._client, operation)(**arguments)
        if token:
            self._known.add(token)
        self.items_read += answer.get("ScannedCount", 0)
        self.hook(Step(operation, Moment.AFTER, commits))
        return answer
