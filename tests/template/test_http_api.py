"""What is reachable over HTTP, and for whom."""

import pytest

from handlers.api.routes import operations
from tests.template import cfn

APPLICATION = cfn.application()
ROUTES = {route["RouteKey"]: route for route in APPLICATION.of("AWS::ApiGatewayV2::Route").values()}
EVERYTHING = "$default"
each_route = pytest.mark.parametrize("key", ROUTES)


AUTHORIZERS = APPLICATION.of("AWS::ApiGatewayV2::Authorizer")


def test_everything_asks_the_authorizer_who_it_is() -> None:
    route = ROUTES[EVERYTHING]

    authorizer = AUTHORIZERS[cfn.named(route["AuthorizerId"])]
    function = "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
    assert route["AuthorizationType"] == "CUSTOM"
    assert authorizer["AuthorizerType"] == "REQUEST"
    assert authorizer["AuthorizerUri"] == {"Fn::Sub": function + "${Authorize.Arn}/invocations"}
    assert (authorizer["AuthorizerPayloadFormatVersion"], authorizer["EnableSimpleResponses"]) == (
        "2.0",
        True,
    )


def test_what_the_authorizer_said_is_kept_for_seconds_and_for_the_same_header_only() -> None:
    (authorizer,) = AUTHORIZERS.values()

    assert authorizer["AuthorizerResultTtlInSeconds"] == 5
    assert authorizer["IdentitySource"] == ["$request.header.Authorization"]


def test_people_are_signed_in_by_the_user_pool_where_nobody_names_another_issuer() -> None:
    variables = APPLICATION.of(cfn.FUNCTION)["Authorize"]["Environment"]["Variables"]

    def otherwise(name: str, condition: str, parameter: str) -> object:
        condition_, given, default = variables[name]["Fn::If"]
        assert (condition_, given) == (condition, {"Ref": parameter})
        assert APPLICATION.template["Parameters"][parameter]["Default"] == ""
        return default

    issuer = otherwise("OIDC_ISSUER", "HasOidcIssuer", "OidcIssuer")
    audience = otherwise("OIDC_AUDIENCE", "HasOidcAudience", "OidcAudience")
    keys = otherwise("OIDC_JWKS_URL", "HasOidcJwksUrl", "OidcJwksUrl")
    assert (cfn.named(issuer), cfn.named(audience)) == ("UserPoolIssuer", "UserPoolClientId")
    below = {"Issuer": variables["OIDC_ISSUER"]}
    assert keys == {"Fn::Sub": ["${Issuer}/.well-known/jwks.json", below]}


def test_only_what_is_open_to_everybody_goes_past_the_authorizer() -> None:
    free = {key for key, route in ROUTES.items() if route["AuthorizationType"] == "NONE"}

    assert free == {operation.route for operation in operations() if operation.needs is None}
    assert ROUTES.keys() == {EVERYTHING, *free}


@each_route
def test_a_route_leads_to_the_one_function(key: str) -> None:
    integration = APPLICATION.of("AWS::ApiGatewayV2::Integration")["ApiIntegration"]

    assert cfn.named(integration["IntegrationUri"]) == "Api"
    assert integration["PayloadFormatVersion"] == "2.0"
    assert ROUTES[key]["Target"] == {"Fn::Sub": "integrations/${ApiIntegration}"}


def test_only_this_api_may_call_its_functions() -> None:
    permissions = APPLICATION.of("AWS::Lambda::Permission").values()

    here = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:"
    assert {each["Principal"] for each in permissions} == {"apigateway.amazonaws.com"}
    assert {cfn.named(each["FunctionName"]): each["SourceArn"] for each in permissions} == {
        "Api": {"Fn::Sub": here + "${HttpApi}/*/*"},
        "Authorize": {"Fn::Sub": here + "${HttpApi}/authorizers/${Callers}"},
    }


def test_requests_are_logged_without_the_address_of_the_caller_and_throttled() -> None:
    (stage,) = APPLICATION.of("AWS::ApiGatewayV2::Stage").values()

    log = stage["AccessLogSettings"]
    assert cfn.named(log["DestinationArn"]) in APPLICATION.of("AWS::Logs::LogGroup")
    assert "$context.requestId" in log["Format"]
    assert "$context.identity" not in log["Format"]
    assert stage["DefaultRouteSettings"]["ThrottlingRateLimit"] > 0
    assert stage["DefaultRouteSettings"]["ThrottlingBurstLimit"] > 0
