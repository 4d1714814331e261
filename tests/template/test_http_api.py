"""What is reachable over HTTP, and for whom."""

import pytest

from handlers.api.routes import OPERATIONS
from tests.template import cfn

APPLICATION = cfn.application()
ROUTES = {route["RouteKey"]: route for route in APPLICATION.of("AWS::ApiGatewayV2::Route").values()}
EVERYTHING = "$default"
each_route = pytest.mark.parametrize("key", ROUTES)


def test_everything_asks_for_a_token_of_the_user_pool() -> None:
    route = ROUTES[EVERYTHING]

    authorizer = APPLICATION.of("AWS::ApiGatewayV2::Authorizer")[cfn.named(route["AuthorizerId"])]
    assert route["AuthorizationType"] == "JWT"
    assert authorizer["IdentitySource"] == ["$request.header.Authorization"]
    assert cfn.named(authorizer["JwtConfiguration"]["Issuer"]) == "UserPoolIssuer"
    assert [cfn.named(each) for each in authorizer["JwtConfiguration"]["Audience"]] == ["UserPoolClientId"]


def test_only_what_is_open_to_everybody_goes_past_the_authorizer() -> None:
    free = {key for key, route in ROUTES.items() if route["AuthorizationType"] == "NONE"}

    assert free == {operation.route for operation in OPERATIONS if operation.needs is None}
    assert ROUTES.keys() == {EVERYTHING, *free}


@each_route
def test_a_route_leads_to_the_one_function(key: str) -> None:
    integration = APPLICATION.of("AWS::ApiGatewayV2::Integration")["ApiIntegration"]

    assert cfn.named(integration["IntegrationUri"]) == "Api"
    assert integration["PayloadFormatVersion"] == "2.0"
    assert ROUTES[key]["Target"] == {"Fn::Sub": "integrations/${ApiIntegration}"}


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
