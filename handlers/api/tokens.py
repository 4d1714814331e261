"""`/v1/tokens`: personal API tokens, kept by the person who signed in; no token can make or end another."""

from functools import partial
from http import HTTPStatus

from domain.access import Scope, SignInRequiredError
from domain.identifiers import known_token
from domain.tokens import TokenDetails, TooManyTokensError, create_token, find_token, revoke_token
from handlers.api import accounts, paging
from handlers.api.answers import Answer, created, done, ok
from handlers.api.operations import Operation
from handlers.api.refusals import NoAccountYetError
from handlers.api.requests import Request
from infrastructure import codec, wiring
from infrastructure.views.tokens import NewTokenView, TokenView, of_new_token, of_token


def create(request: Request) -> Answer:
    """Make a token; its secret is in this answer, and in no other."""
    details = codec.accept(TokenDetails, request.json())
    token, secret = create_token(
        details,
        account_id=accounts.own(request).id,
        tokens=wiring.tokens(),
        now=wiring.now(),
        new_id=request.new_id,
        new_secret=wiring.new_secret,
    )
    return created(of_new_token(token, secret), location=f"{request.path}/{token.id}")


def list_(request: Request) -> Answer:
    fetch = partial(wiring.tokens().list, account_id=request.account_id, now=wiring.now())
    return paging.listed(request, fetch, of_token)


def show(request: Request) -> Answer:
    token_id = known_token(request.subject)
    return ok(of_token(find_token(token_id, account_id=request.account_id, tokens=wiring.tokens())))


def revoke(request: Request) -> Answer:
    token_id = known_token(request.subject)
    revoke_token(token_id, account_id=request.account_id, tokens=wiring.tokens(), now=wiring.now())
    return done()


OPERATIONS = (
    Operation(
        route="POST /v1/tokens",
        name="create_token",
        person=True,
        serve=create,
        summary="Make an API token, whose secret is shown this once",
        needs=Scope.WRITE,
        takes=TokenDetails,
        gives=NewTokenView,
        secret=True,
        status=HTTPStatus.CREATED,
        refuses=(SignInRequiredError, NoAccountYetError, TooManyTokensError),
    ),
    Operation(
        route="GET /v1/tokens",
        name="list_tokens",
        person=True,
        serve=list_,
        summary="List the API tokens that work",
        gives=TokenView,
        lists=True,
        refuses=(SignInRequiredError,),
    ),
    Operation(
        route="GET /v1/tokens/{id}",
        name="show_token",
        person=True,
        serve=show,
        summary="Show an API token",
        gives=TokenView,
        refuses=(SignInRequiredError,),
    ),
    Operation(
        route="DELETE /v1/tokens/{id}",
        name="revoke_token",
        person=True,
        serve=revoke,
        summary="Revoke an API token, which stops working within seconds",
        needs=Scope.WRITE,
        status=HTTPStatus.NO_CONTENT,
        refuses=(SignInRequiredError,),
    ),
)
