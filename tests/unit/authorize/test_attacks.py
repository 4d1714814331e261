"""What may be presented, and what becomes of it: each token is wrong in one way, and refused for that."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from domain.identifiers import TokenId
from domain.tokens import create_token, revoke_token
from tests.builders import ADA, BOB, some_token_details
from tests.issuers import (
    ACCOUNT,
    AUDIENCE,
    ISSUER,
    Issuer,
    claims,
    compact,
    ec_key,
    encoded,
    jwk,
    part,
    rsa_key,
)
from tests.logs import Log
from tests.unit.authorize.conftest import NOW, Authorize
from tests.world import World

CHANCE = "s" * 43
EVERYTHING = "operate read write"

Attack = Callable[[Issuer], str]


def now(seconds: int) -> int:
    return int(time.time()) + seconds


def unsigned(header: dict[str, Any]) -> str:
    return f"{part(header)}.{part(claims())}."


def with_public_key_as_secret(issuer: Issuer) -> str:
    public = issuer.keys["rsa-1"].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    content = f"{part({'alg': 'HS256', 'kid': 'rsa-1'})}.{part(claims())}"
    return f"{content}.{encoded(hmac.digest(public, content.encode(), hashlib.sha256))}"


def with_own_key(**header: Any) -> str:
    return compact(part({"alg": "RS256", "kid": "rsa-1"} | header), part(claims()), rsa_key("mallory"))


def with_other_payload(issuer: Issuer) -> str:
    header, _, signature = issuer.token().split(".")
    return f"{header}.{part(claims(sub='0b0b0b0b-1111-4222-8333-444444444444'))}.{signature}"


def with_other_signature(issuer: Issuer) -> str:
    header, payload, signature = issuer.token().split(".")
    return f"{header}.{payload}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"


def with_empty_signature(issuer: Issuer) -> str:
    return issuer.token().rpartition(".")[0] + "."


def with_text(payload: str, header: str = '{"alg": "RS256", "kid": "rsa-1"}') -> Attack:
    """A token of the issuer's own, of these very characters."""
    return lambda issuer: compact(encoded(header.encode()), encoded(payload.encode()), issuer.keys["rsa-1"])


def twice(name: str, first: object) -> str:
    """Claims in which one stands twice."""
    return f'{{"{name}": {json.dumps(first)}, {json.dumps(claims())[1:]}'


ATTACKS: dict[str, tuple[str, Attack]] = {
    "no algorithm": ("malformed-token", lambda _: unsigned({"alg": "none", "kid": "rsa-1"})),
    "no algorithm, but a signature": (
        "wrong-algorithm",
        lambda issuer: issuer.token(header={"alg": "none"}),
    ),
    "no algorithm, in capitals": ("wrong-algorithm", lambda issuer: issuer.token(header={"alg": "NONE"})),
    "algorithm left out": ("wrong-algorithm", lambda issuer: issuer.token(header={"alg": None})),
    "algorithm of a strange kind": ("wrong-algorithm", lambda issuer: issuer.token(header={"alg": 256})),
    "HS256 with the public key": ("wrong-algorithm", with_public_key_as_secret),
    "an algorithm that is none of ours under a key that is none": (
        "wrong-algorithm",
        lambda issuer: issuer.token(header={"alg": "PS256", "kid": "mallory"}),
    ),
    "RS512": ("wrong-algorithm", lambda issuer: issuer.token(header={"alg": "RS512"})),
    "RS256 for an elliptic key": (
        "wrong-algorithm",
        lambda issuer: issuer.token("ec-1", header={"alg": "RS256"}),
    ),
    "ES256 for an RSA key": ("wrong-algorithm", lambda issuer: issuer.token(header={"alg": "ES256"})),
    "RSA's signature under the id of an elliptic key": (
        "wrong-algorithm",
        lambda issuer: issuer.token(header={"kid": "ec-1"}),
    ),
    "elliptic signature by somebody else": (
        "wrong-signature",
        lambda _: compact(part({"alg": "ES256", "kid": "ec-1"}), part(claims()), ec_key("mallory")),
    ),
    "unknown key": ("unknown-key", lambda issuer: issuer.token(header={"kid": "rsa-9"})),
    "no key named": ("unknown-key", lambda issuer: issuer.token(header={"kid": None})),
    "empty key id": ("unknown-key", lambda issuer: issuer.token(header={"kid": ""})),
    "key id of a strange kind": ("unknown-key", lambda issuer: issuer.token(header={"kid": ["rsa-1"]})),
    "key of another issuer": ("wrong-signature", lambda _: with_own_key()),
    "key id of another issuer": ("unknown-key", lambda _: with_own_key(kid="mallory")),
    "key inside the token": ("wrong-signature", lambda _: with_own_key(jwk=jwk("rsa-1", rsa_key("mallory")))),
    "address of keys inside the token": (
        "wrong-signature",
        lambda _: with_own_key(jku="https://mallory.example/jwks.json", x5u="https://mallory.example/x5u"),
    ),
    "critical header": (
        "critical-header",
        lambda issuer: issuer.token(header={"crit": ["exp"], "exp": 1}),
    ),
    "critical header that the library knows": (
        "critical-header",
        lambda issuer: issuer.token(header={"crit": ["b64"], "b64": True}),
    ),
    "payload outside the token": ("critical-header", lambda issuer: issuer.token(header={"b64": False})),
    "expired": ("expired", lambda issuer: issuer.token(exp=now(-65))),
    "never expires": ("missing-claim", lambda issuer: issuer.token(exp=None)),
    "expires at no number": ("malformed-token", lambda issuer: issuer.token(exp="tomorrow")),
    "expires in no time": ("malformed-token", lambda issuer: issuer.token(exp=float("nan"))),
    "not yet valid": ("not-yet-valid", lambda issuer: issuer.token(nbf=now(65))),
    "issued in the future": ("not-yet-valid", lambda issuer: issuer.token(iat=now(65))),
    "another issuer": ("wrong-issuer", lambda issuer: issuer.token(iss="https://mallory.example")),
    "issuer with a slash more": ("wrong-issuer", lambda issuer: issuer.token(iss=f"{ISSUER}/")),
    "issuer in capitals": ("wrong-issuer", lambda issuer: issuer.token(iss=ISSUER.upper())),
    "issuer among others": ("wrong-issuer", lambda issuer: issuer.token(iss=[ISSUER])),
    "no issuer": ("missing-claim", lambda issuer: issuer.token(iss=None)),
    "another audience": ("wrong-audience", lambda issuer: issuer.token(aud="another")),
    "audience in part": ("wrong-audience", lambda issuer: issuer.token(aud=AUDIENCE[:-1])),
    "audience with more": ("wrong-audience", lambda issuer: issuer.token(aud=f"{AUDIENCE} another")),
    "other audiences": ("wrong-audience", lambda issuer: issuer.token(aud=["another", "one more"])),
    "empty audience beside the client": (
        "wrong-audience",
        lambda issuer: issuer.token(aud="", client_id=AUDIENCE),
    ),
    "another audience beside the client": (
        "wrong-audience",
        lambda issuer: issuer.token(aud="another", client_id=AUDIENCE),
    ),
    "no audience": ("wrong-audience", lambda issuer: issuer.token(aud=None)),
    "another client": ("wrong-audience", lambda issuer: issuer.token(aud=None, client_id="another")),
    "refresh token": ("wrong-use", lambda issuer: issuer.token(token_use="refresh")),
    "no user": ("missing-claim", lambda issuer: issuer.token(sub=None)),
    "empty user": ("missing-claim", lambda issuer: issuer.token(sub="")),
    "user of a strange kind": ("malformed-token", lambda issuer: issuer.token(sub=42)),
    "other payload": ("wrong-signature", with_other_payload),
    "other signature": ("wrong-signature", with_other_signature),
    "empty signature": ("malformed-token", with_empty_signature),
    "signature cut short": ("wrong-signature", lambda issuer: issuer.token()[:-2]),
    "payload cut off": ("malformed-token", lambda issuer: issuer.token().partition(".")[0]),
    "two parts": ("malformed-token", lambda issuer: issuer.token().rpartition(".")[0]),
    "four parts": ("malformed-token", lambda issuer: f"{issuer.token()}.AAAA"),
    "encrypted": ("malformed-token", lambda _: ".".join([part({"alg": "dir"}), *"abcd"])),
    "nothing between the dots": ("malformed-token", lambda _: "..."),
    "dots": ("malformed-token", lambda _: ".."),
    "header that is no JSON": ("malformed-token", with_text(json.dumps(claims()), "alg=RS256")),
    "header that is no object": ("malformed-token", with_text(json.dumps(claims()), '["RS256"]')),
    "header that is nested without end": ("malformed-token", with_text("{}", "[" * 2000)),
    "payload that is no JSON": ("malformed-token", with_text("sub=ada")),
    "payload that is no object": ("malformed-token", with_text('["sub"]')),
    "payload that is no UTF-8": (
        "malformed-token",
        lambda issuer: compact(
            part({"alg": "RS256", "kid": "rsa-1"}), encoded(b"\xff"), issuer.keys["rsa-1"]
        ),
    ),
    "a claim twice": ("malformed-token", with_text(twice("sub", "mallory"))),
    "the algorithm twice": (
        "malformed-token",
        with_text(json.dumps(claims()), '{"alg": "none", "alg": "RS256", "kid": "rsa-1"}'),
    ),
    "letters of another alphabet": ("no-bearer-token", lambda issuer: f"{issuer.token()[:-1]}é"),
    "a space inside": ("no-bearer-token", lambda issuer: issuer.token().replace(".", ". ", 1)),
    "padding": ("malformed-token", lambda issuer: f"{issuer.token()}="),
    "eight kilobytes": ("too-long", lambda issuer: issuer.token(name="n" * 8192)),
    "a word": ("malformed-token", lambda _: "invoicely"),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_refused_for_what_it_is(
    authorize: Authorize, issuer: Issuer, log: Log, attack: str
) -> None:
    reason, made = ATTACKS[attack]

    token = made(issuer)
    answer = authorize(f"Bearer {token}")

    assert answer == {"isAuthorized": False}
    assert [line["reason"] for line in log.lines] == [reason]


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_of_a_token_is_logged(authorize: Authorize, issuer: Issuer, log: Log, attack: str) -> None:
    token = ATTACKS[attack][1](issuer)

    authorize(f"Bearer {token}")

    assert not [each for each in token.split(".") if len(each) > 8 and each in log.text]
    assert "ada@example.com" not in log.text


@pytest.mark.parametrize(
    "header",
    ["", " ", "Bearer", "Bearer ", "Basic YWRhOnNlY3JldA==", "Bearer\t{}", "Bearer{}", "{}", "Token {}"],
)
def test_a_header_of_another_scheme_is_refused(
    authorize: Authorize, issuer: Issuer, log: Log, header: str
) -> None:
    assert authorize(header.replace("{}", issuer.token())) == {"isAuthorized": False}
    assert [line["reason"] for line in log.lines] == ["no-bearer-token"]


def test_two_headers_that_the_gateway_joined_are_refused(authorize: Authorize, issuer: Issuer) -> None:
    assert authorize(f"Bearer {issuer.token()},Bearer {issuer.token()}") == {"isAuthorized": False}


@pytest.mark.parametrize("key_id", ["rsa-1", "ec-1"])
@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_person_who_signed_in_may_do_everything(
    authorize: Authorize, issuer: Issuer, scheme: str, key_id: str
) -> None:
    assert authorize(f"{scheme} {issuer.token(key_id)}") == {
        "isAuthorized": True,
        "context": {"account": ACCOUNT, "scopes": EVERYTHING, "email": "ada@example.com"},
    }


OTHERWISE: dict[str, Attack] = {
    "audience among others": lambda issuer: issuer.token(aud=["another", AUDIENCE]),
    "access token": lambda issuer: issuer.token(aud=None, client_id=AUDIENCE, token_use="access"),
    "no use": lambda issuer: issuer.token(token_use=None),
    "expired within the skew of clocks": lambda issuer: issuer.token(exp=now(-55)),
    "valid within the skew of clocks": lambda issuer: issuer.token(nbf=now(55)),
    "issued within the skew of clocks": lambda issuer: issuer.token(iat=now(55)),
    "issued nobody knows when": lambda issuer: issuer.token(iat=None),
    "expires in part of a second": lambda issuer: issuer.token(exp=now(3600) + 0.5),
}


@pytest.mark.parametrize("token", OTHERWISE)
def test_what_an_issuer_may_say_otherwise_is_accepted(
    authorize: Authorize, issuer: Issuer, token: str
) -> None:
    answer = authorize(f"Bearer {OTHERWISE[token](issuer)}")

    assert (answer["isAuthorized"], answer["context"]["account"]) == (True, ACCOUNT)


@pytest.mark.parametrize("changes", [{"email": None}, {"email": "ada"}, {"email": ["ada@example.com"]}])
def test_an_address_that_is_none_is_left_out(
    authorize: Authorize, issuer: Issuer, changes: dict[str, Any]
) -> None:
    answer = authorize(f"Bearer {issuer.token(**changes)}")

    assert answer["context"] == {"account": ACCOUNT, "scopes": EVERYTHING}


@pytest.mark.parametrize(
    ("verified", "is_told"), [(True, True), ("true", True), (None, True), (False, False)]
)
def test_an_address_that_nobody_has_proven_is_left_out(
    authorize: Authorize, issuer: Issuer, verified: object, is_told: bool
) -> None:
    answer = authorize(f"Bearer {issuer.token(email_verified=verified)}")

    assert ("email" in answer["context"]) is is_told


def test_two_ways_to_write_one_uuid_are_two_users(authorize: Authorize, issuer: Issuer) -> None:
    subs = [
        "7f9c2b1e-4d3a-4c5b-8e6f-0a1b2c3d4e5f",
        "7F9C2B1E-4D3A-4C5B-8E6F-0A1B2C3D4E5F",
        "7f9c2b1e4d3a4c5b8e6f0a1b2c3d4e5f",
        "{7f9c2b1e-4d3a-4c5b-8e6f-0a1b2c3d4e5f}",
        "urn:uuid:7f9c2b1e-4d3a-4c5b-8e6f-0a1b2c3d4e5f",
        "auth0|ada",
        "\ud800",
    ]

    accounts = [authorize(f"Bearer {issuer.token(sub=sub)}")["context"]["account"] for sub in subs]

    assert accounts[0] == ACCOUNT
    assert accounts[5] == "acc_" + hashlib.sha256(f"{ISSUER}\nauth0|ada".encode()).hexdigest()[:32]
    assert len(set(accounts)) == len(subs)


def a_secret(world: World, body: str = "mine000000000000", *, account_id: Any = ADA, **changes: Any) -> str:
    return create_token(
        some_token_details(**changes),
        account_id=account_id,
        tokens=world.tokens,
        now=NOW,
        new_id=lambda: body,
        new_secret=lambda: CHANCE if account_id == ADA else "x" * 43,
    )[1]


def test_a_personal_token_may_do_what_it_was_made_for(authorize: Authorize, world: World) -> None:
    assert authorize(f"Bearer {a_secret(world)}") == {
        "isAuthorized": True,
        "context": {"account": ADA, "scopes": "read write", "token": "tok_mine000000000000"},
    }


PERSONAL: dict[str, tuple[str, Callable[[str], str]]] = {
    "wrong secret": ("wrong-secret", lambda secret: secret[:-1] + "t"),
    "unknown id": ("unknown-token", lambda secret: secret.replace("mine", "nine")),
    "another's id with one's own secret": ("wrong-secret", lambda secret: secret.replace("mine", "bobs")),
    "capitals": ("malformed-token", lambda secret: secret.upper()),
    "id in capitals": ("malformed-token", lambda secret: secret.replace("mine", "MINE")),
    "cut short": ("malformed-token", lambda secret: secret[:-1]),
    "too long": ("malformed-token", lambda secret: secret + "s"),
    "no secret": ("malformed-token", lambda secret: secret.rpartition("_")[0]),
    "the prefix alone": ("malformed-token", lambda _: "ivp_"),
    "the id": ("malformed-token", lambda _: "tok_mine000000000000"),
}


@pytest.mark.parametrize("attack", PERSONAL)
def test_a_personal_token_that_is_wrong_is_refused(
    authorize: Authorize, world: World, log: Log, attack: str
) -> None:
    reason, made = PERSONAL[attack]
    a_secret(world, "bobs000000000000", account_id=BOB)

    presented = made(a_secret(world))

    assert authorize(f"Bearer {presented}") == {"isAuthorized": False}
    assert [line["reason"] for line in log.lines] == [reason]
    assert CHANCE not in log.text


def test_a_personal_token_is_refused_once_it_is_revoked_or_has_expired(
    authorize: Authorize, world: World, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    revoked, expiring = a_secret(world), a_secret(world, "late000000000000")
    token = revoke_token(TokenId("tok_mine000000000000"), account_id=ADA, tokens=world.tokens, now=NOW)
    monkeypatch.setattr("infrastructure.wiring.now", lambda: token.valid_until)

    assert [authorize(f"Bearer {each}") for each in (revoked, expiring)] == [{"isAuthorized": False}] * 2
    assert [line["reason"] for line in log.lines] == ["revoked-token", "expired-token"]


def test_a_personal_token_asks_the_issuer_nothing(authorize: Authorize, world: World, issuer: Issuer) -> None:
    authorize(f"Bearer {a_secret(world)}")

    assert issuer.fetches == 0
