import pytest

from handlers.api.operations import Operation
from handlers.api.routes import operations, route


@pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.route)
def test_each_operation_is_reached_by_its_path(operation: Operation) -> None:
    found = route(operation.method, operation.path)

    assert found.operation == operation
