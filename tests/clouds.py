"""A local cloud that nobody started, for tests that only want to know about one."""

from pathlib import Path

from infrastructure.local_cloud.cloud import Access, LocalCloud, SignIn

A_LOCAL_CLOUD = LocalCloud(
    access=Access(endpoint="http://127.0.0.1:4567"),
    api_url="http://127.0.0.1:4567/_aws/execute-api/abcd",
    table="invoicely-local",
    topic="arn:aws:sns:eu-west-1:000000000000:invoicely-local-changes",
    bucket="documents",
    failures_bucket="failures",
    uploads_bucket="uploads",
    user_pool="eu-west-1_Pool",
    client_id="client",
    queues={
        "counters": "http://127.0.0.1:4567/000000000000/invoicely-local-counters",
        "unpublished": "http://127.0.0.1:4567/000000000000/invoicely-local-unpublished",
    },
    functions={"api": "invoicely-local-api", "open-invoices": "invoicely-local-open-invoices"},
    sender="invoices@example.com",
    mailbox=Path("/out/mails"),
    sign_in=SignIn(email="you@example.com", password="secret"),
)
