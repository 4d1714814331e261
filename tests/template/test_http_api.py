"""What is reachable over HTTP, and for whom."""

import pytest

from handlers.api import routes
from tests.template import cfn

APPLICATION = cfn.application()
ROUTES = APPLICATION.of("AWS::ApiGatewayV2::Route")
KEYS = {route["RouteKey"] for route in ROUTES.values()}
OTHERS = "$default"
each_route = pytest.mark.parametrize("name", ROUTES)


@each_route
def test_a_route_asks_for_a_token_of_the_user_pool(name: str) -> None:
    authorizer = APPLICATION.of("AWS::ApiGatewayV2::Authorizer")[cfn.named(ROUTES[name]["AuthorizerId"])]

    assert ROUTES[name]["AuthorizationType"] == "JWT"
    assert authorizer["IdentitySource"] == ["$request.header.Authorization"]
    assert cfn.named(authorizer["JwtConfiguration"]["Issuer"]) == "UserPoolIssuer"
    assert [cfn.named(each) for each in authorizer["JwtConfiguration"]["Audience"]] == ["UserPoolClientId"]


@each_route
def test_a_route_leads_to_the_one_function(name: str) -> None:
    integration = APPLICATION.of("AWS::ApiGatewayV2::Integration")["ApiIntegration"]

    assert cfn.named(integration["IntegrationUri"]) == "Api"
    assert integration["PayloadFormatVersion"] == "2.0"
    assert ROUTES[name]["Target"] == {"Fn::Sub": "integrations/${ApiIntegration}"}


@pytest.mark.parametrize("key", sorted(KEYS - {OTHERS}))
def test_a_route_is_one_verb_on_one_path_below_v1(key: str) -> None:
    verb, path = key.split()

    assert verb in {"GET", "POST", "PUT", "PATCH", "DELETE"}
    assert path.startswith("/v1/")


def test_the_gateway_has_the_routes_that_the_code_answers() -> None:
    assert sorted(route["RouteKey"] for route in ROUTES.values()) == sorted({OTHERS, *routes.ROUTES})


def test_only_this_api_may_call_the_function() -> None:
    (permission,) = APPLICATION.of("AWS::Lambda::Permission").values()

    here = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:"
    assert cfn.named(permission["FunctionName"]) == "Api"
    assert permission["Principal"] == "apigateway.amazonaws.com"
    assert permission["SourceArn"] == {"Fn::Sub": here + "${HttpApi}/*/*"}


def test_requests_are_logged_without_the_address_of_the_caller_and_throttled() -> None:
    (stage,) = APPLICATION.of("AWS::ApiGatewayV2::Stage").values()

    log = stage["AccessLogSettings"]
    assert cfn.named(log["DestinationArn"]) in APPLICATION.of("AWS::Logs::LogGroup")
    assert "$context.requestId" in log["Format"]
    assert "$context.identity" not in log["Format"]
    assert stage["DefaultRouteSettings"]["ThrottlingRateLimit"] > 0
    assert stage["DefaultRouteSettings"]["ThrottlingBurstLimit"] > 0
