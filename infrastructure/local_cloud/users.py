"""Users of the pool, as a front end gets them: by Cognito's public, unsigned calls.

API Gateway's JWT authorizer compares its audience with `aud`, which only the id token has, or else with
`client_id`, which only the access token has; it takes both tokens. Our API reads the e-mail, so it wants the
id token.
"""

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from botocore import UNSIGNED
from botocore.config import Config

from infrastructure.local_cloud.cloud import LocalCloud

if TYPE_CHECKING:
    from types_boto3_cognito_idp import CognitoIdentityProviderClient

EVERY_CODE = "123456"
"""ministack mails this one to everybody, and accepts any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What a signed-in user has; each an encoded JWT but for the refresh token."""

    id: str = field(repr=False)
    access: str = field(repr=False)
    refresh: str = field(repr=False)


def sign_up(cloud: LocalCloud, email: str, password: str) -> None:
    """Register a user and confirm the address."""
    cognito = _public(cloud)
    cognito.sign_up(
        ClientId=cloud.client_id,
        Username=email,
        Password=password,
        UserAttributes=[{"Name": "email", "Value": email}],
    )
    cognito.confirm_sign_up(ClientId=cloud.client_id, Username=email, ConfirmationCode=EVERY_CODE)


def sign_in(cloud: LocalCloud, email: str, password: str) -> Tokens:
    """Sign a user in."""
    answer = _public(cloud).initiate_auth(
        ClientId=cloud.client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": email, "PASSWORD": password},
    )["AuthenticationResult"]
    return Tokens(id=answer["IdToken"], access=answer["AccessToken"], refresh=answer["RefreshToken"])


def ensure(cloud: LocalCloud) -> None:
    """Make the user that `local up` announces, or give the one who is there that password, without a mail."""
    cognito = cloud.access.session().client("cognito-idp", **cloud.access.here())
    email = cloud.sign_in.email
    with suppress(cognito.exceptions.UsernameExistsException):
        cognito.admin_create_user(
            UserPoolId=cloud.user_pool,
            Username=email,
            UserAttributes=[{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}],
            MessageAction="SUPPRESS",
        )
    cognito.admin_set_user_password(
        UserPoolId=cloud.user_pool, Username=email, Password=cloud.sign_in.password, Permanent=True
    )


def _public(cloud: LocalCloud) -> "CognitoIdentityProviderClient":
    here = cloud.access.here()
    unsigned = here["config"].merge(Config(signature_version=UNSIGNED))
    return cloud.access.session().client("cognito-idp", **here | {"config": unsigned})
