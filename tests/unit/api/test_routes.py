from handlers.api.routes import ROUTES
from tests import gateway


def test_the_code_has_exactly_the_routes_of_the_template() -> None:
    assert sorted(ROUTES) == sorted(gateway.ROUTES)


def test_each_route_has_a_function_of_its_own() -> None:
    assert len(set(ROUTES.values())) == len(ROUTES)
