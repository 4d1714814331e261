"""OpenID Connect issuers: they publish keys, and sign what they are told to, right or wrong.

Signatures are made by `cryptography` and not by the library that verifies them.
"""

import json
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

Json = dict[str, Any]
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

ISSUER = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI"
AUDIENCE = "4h8j2k6l0m1n3p5q7r9s1t3u5v"
SUB = "7f9c2b1e-4d3a-4c5b-8e6f-0a1b2c3d4e5f"
ACCOUNT = "acc_7f9c2b1e4d3a4c5b8e6f0a1b2c3d4e5f"
ADDRESS = f"{ISSUER}/.well-known/jwks.json"


@cache
def rsa_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """The RSA key of that name, made once: that takes a moment."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


@cache
def ec_key(name: str, *, curve: type[ec.EllipticCurve] = ec.SECP256R1) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(curve())


def encoded(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def part(plain: object) -> str:
    return encoded(json.dumps(plain).encode())


def number(value: int) -> str:
    return encoded(value.to_bytes((value.bit_length() + 7) // 8))


def jwk(key_id: str, key: Key) -> Json:
    """The public half of a key, as an issuer publishes it."""
    match key.public_key().public_numbers():
        case rsa.RSAPublicNumbers() as public:
            told = {"kty": "RSA", "n": number(public.n), "e": number(public.e), "alg": "RS256"}
        case public:
            told = {"kty": "EC", "crv": "P-256", "x": number(public.x), "y": number(public.y), "alg": "ES256"}
    return told | {"kid": key_id, "use": "sig"}


def signature(content: str, key: Key) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(content.encode(), padding.PKCS1v15(), SHA256())
    r, s = decode_dss_signature(key.sign(content.encode(), ec.ECDSA(SHA256())))
    return r.to_bytes(32) + s.to_bytes(32)


def claims(**changes: Any) -> Json:
    """What an id token of Cognito says; a change to None leaves a claim out."""
    now = int(time.time())
    told = {
        "sub": SUB,
        "iss": ISSUER,
        "aud": AUDIENCE,
        "token_use": "id",
        "email": "ada@example.com",
        "email_verified": True,
        "iat": now - 10,
        "exp": now + 3600,
    }
    return _said(told | changes)


def _said(told: Json) -> Json:
    return {name: value for name, value in told.items() if value is not None}


def compact(header: str, payload: str, key: Key) -> str:
    """A token of these parts, signed with that key."""
    content = f"{header}.{payload}"
    return f"{content}.{encoded(signature(content, key))}"


@dataclass
class Issuer:
    """One issuer with an RSA and an elliptic key; `fetches` counts how often these were fetched."""

    keys: dict[str, Key] = field(default_factory=lambda: {"rsa-1": rsa_key("rsa-1"), "ec-1": ec_key("ec-1")})
    fetches: int = 0

    def fetch(self, url: str) -> bytes:
        assert url == ADDRESS
        self.fetches += 1
        return self.key_set()

    def key_set(self) -> bytes:
        return json.dumps({"keys": [jwk(key_id, key) for key_id, key in self.keys.items()]}).encode()

    def token(self, key_id: str = "rsa-1", *, header: Json | None = None, **changes: Any) -> str:
        """A token that is right but for the changes of its claims, and what its header says besides."""
        key = self.keys[key_id]
        algorithm = "RS256" if isinstance(key, rsa.RSAPrivateKey) else "ES256"
        told = {"alg": algorithm, "kid": key_id, "typ": "JWT"} | (header or {})
        return compact(part(_said(told)), part(claims(**changes)), key)
