"""How networks prove that a webhook is theirs, and how we prove who we are. No I/O; comparisons in constant time."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any, Literal

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

Hash = Literal["sha1", "sha256", "sha512"]


class Forged(Exception):
    """It does not prove what it should; the words say why, for developers."""


def same(one: str | bytes, other: str | bytes) -> bool:
    """Whether both are equal and not empty; the time it takes tells nothing."""
    a, b = (x.encode("utf-8", "replace") if isinstance(x, str) else x for x in (one, other))
    return bool(a) and hmac.compare_digest(a, b)


def hmac_hex(secret: str, message: bytes, how: Hash = "sha256") -> str:
    return hmac.new(secret.encode(), message, how).hexdigest()


def hmac_base64(secret: str, message: bytes, how: Hash = "sha256") -> str:
    return b64encode(hmac.new(secret.encode(), message, how).digest()).decode()


def s256(verifier: str) -> str:
    """The PKCE challenge of a verifier (RFC 7636)."""
    return _packed(hashlib.sha256(verifier.encode()).digest())


def ed25519_signed(public_key_hex: str, message: bytes, signature: str) -> bool:
    """Whether the key signed the message; the signature in hex or base64."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key_hex))
        given = bytes.fromhex(signature) if len(signature) == 128 else b64decode(signature, validate=True)
        key.verify(given, message)
    except (ValueError, InvalidSignature):
        return False
    return True


# --- JSON web tokens (RFC 7519) -------------------------------------------------------------------


def make_jwt(claims: Mapping[str, Any], key_pem: str, headers: Mapping[str, Any] | None = None) -> str:
    """A token signed with our private key: RS256 for RSA, ES256 for P-256. Raises ValueError for any other key."""
    key = serialization.load_pem_private_key(key_pem.encode(), None)
    is_rsa = isinstance(key, rsa.RSAPrivateKey)
    head = {"alg": "RS256" if is_rsa else "ES256", "typ": "JWT", **(headers or {})}
    signed = f"{_packed(orjson.dumps(head))}.{_packed(orjson.dumps(dict(claims)))}"
    if isinstance(key, rsa.RSAPrivateKey):
        signature = key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    elif isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    else:
        raise ValueError("a key for RS256 or ES256 is needed")
    return f"{signed}.{_packed(signature)}"


def read_jwt(token: str, keys: Mapping[str, str], now: float, audience: str = "", leeway: float = 60) -> dict[str, Any]:
    """The claims of a token, signed by one of `keys` (id -> public key in PEM, or for HS256 the secret). Raises Forged.

    A PEM key verifies RS256 and ES256 only, anything else HS256 only: a public key is never taken for a secret.
    """
    try:
        head_part, claims_part, signature_part = token.split(".")
        head, claims = orjson.loads(_unpacked(head_part)), orjson.loads(_unpacked(claims_part))
        signature, signed = _unpacked(signature_part), f"{head_part}.{claims_part}".encode()
        key = keys.get(str(head.get("kid", ""))) or (next(iter(keys.values())) if len(keys) == 1 else "")
        _check_signature(str(head.get("alg")), key, signed, signature)
        expires, begins, heard = claims.get("exp"), claims.get("nbf", 0), claims.get("aud")
        if not isinstance(expires, int | float) or now > expires + leeway:
            raise Forged("it has expired, or says not when it does")
        if not isinstance(begins, int | float) or now < begins - leeway:
            raise Forged("it is not valid yet")
        if audience and audience not in (heard if isinstance(heard, list) else [heard]):
            raise Forged("it is meant for somebody else")
    except (ValueError, AttributeError, TypeError, InvalidSignature) as error:
        raise Forged("it is no token, or signed by somebody else") from error
    return dict(claims)


def _check_signature(algorithm: str, key: str, signed: bytes, signature: bytes) -> None:
    if not key:
        raise Forged("the key that signed it is not known")
    if not key.lstrip().startswith("-----BEGIN"):
        if algorithm != "HS256" or not same(hmac.new(key.encode(), signed, "sha256").digest(), signature):
            raise Forged("the signature is not the secret's")
        return
    public = serialization.load_pem_public_key(key.encode())
    if isinstance(public, rsa.RSAPublicKey) and algorithm == "RS256":
        public.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
    elif isinstance(public, ec.EllipticCurvePublicKey) and algorithm == "ES256" and len(signature) == 64:
        pair = encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
        public.verify(pair, signed, ec.ECDSA(hashes.SHA256()))
    else:
        raise Forged(f"{algorithm} is not how this key signs")


def _packed(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _unpacked(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
