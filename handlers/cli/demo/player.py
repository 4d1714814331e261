"""The self-employed person of the demo: signed in at a local cloud, with an account there."""

import secrets
from dataclasses import dataclass

from domain.identifiers import AccountId
from handlers.cli.demo.api import Api, Json
from handlers.cli.demo.screen import Screen
from handlers.cli.demo.weather import Weather
from infrastructure.access import account_of, claims_in
from infrastructure.local_cloud import users
from infrastructure.local_cloud.cloud import LocalCloud


@dataclass(frozen=True, slots=True)
class Player:
    """Who plays, where, before whose eyes, and in what weather."""

    cloud: LocalCloud
    screen: Screen
    email: str
    account_id: AccountId
    api: Api
    weather: Weather


def sign_up(cloud: LocalCloud, screen: Screen, account: Json, weather: Weather) -> Player:
    """Sign somebody up through Cognito, as a front end does, and open the account."""
    with screen.stage("Sign-up") as stage:
        email, password = f"nele-{secrets.token_hex(4)}@invoicely.example", cloud.sign_in.password
        users.sign_up(cloud, email, password)
        token = users.sign_in(cloud, email, password).id
        api = Api(cloud.api_url, token)
        api.put("/account", account)
        stage.result = f"{account['name']} signed up as {email}"
    return Player(cloud, screen, email, account_of(claims_in(token)), api, weather)
