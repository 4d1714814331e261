"""`/v1/openapi.json` and `/docs`: what can be asked, for programs and for people; open to everybody."""

from handlers.api.answers import Answer
from handlers.api.operations import Operation
from handlers.api.requests import Request


def show(_request: Request) -> Answer:
    """The OpenAPI document."""
    from handlers.api.openapi import document

    return Answer(body=document(), headers={"cache-control": "public, max-age=300"})


def show_page(_request: Request) -> Answer:
    """The same for people, in one page that needs nothing else."""
    from handlers.api.page import page

    headers = {
        "content-type": "text/html; charset=utf-8",
        "cache-control": "public, max-age=300",
        "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
    }
    return Answer(text=page(), headers=headers)


OPERATIONS = (
    Operation(
        route="GET /v1/openapi.json",
        name="show_openapi",
        serve=show,
        summary="Describe this API as OpenAPI 3.1",
        needs=None,
        gives=dict,
    ),
    Operation(
        route="GET /docs",
        name="show_docs",
        serve=show_page,
        summary="Describe this API on a page",
        needs=None,
    ),
)
