"""Multikey: public keys as one word (W3C CID 1.0 section 2.2.2, FEP-521a); pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from pecfed import clock

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_VALUES = {digit: value for value, digit in enumerate(_ALPHABET)}
MAX_BASE58 = 2048  # characters; the work grows with the square of them
ED25519 = b"\xed\x01"  # multicodec ed25519-pub, as a varint
RSA = b"\x85\x24"  # multicodec rsa-pub, as a varint


def base58(data: bytes) -> str:
    """Bytes in base58 with Bitcoin's alphabet (Multibase prefix `z`)."""
    number = int.from_bytes(data, "big")
    digits = ""
    while number:
        number, rest = divmod(number, 58)
        digits = _ALPHABET[rest] + digits
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + digits


def unbase58(text: str) -> bytes:
    """The inverse of `base58`.

    Raises:
        ValueError: a character that is no digit, or too many.
    """
    if len(text) > MAX_BASE58:
        raise ValueError("too long for base58")
    number = 0
    for digit in text:
        if digit not in _VALUES:
            raise ValueError("no base58")
        number = number * 58 + _VALUES[digit]
    zeros = len(text) - len(text.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


def multikey(public: ed25519.Ed25519PublicKey) -> str:
    """An Ed25519 public key as a Multikey (`z6Mk…`)."""
    return "z" + base58(ED25519 + public.public_bytes_raw())


def rsa_multikey(pem: str) -> str:
    """An RSA public key (SPKI PEM) as a Multikey (`z4MX…`): its PKCS#1 DER after the prefix."""
    key = serialization.load_pem_public_key(pem.encode())
    assert isinstance(key, rsa.RSAPublicKey)
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1)
    return "z" + base58(RSA + der)


def read_ed25519(text: str) -> ed25519.Ed25519PublicKey:
    """The Ed25519 key in a Multikey.

    Raises:
        ValueError: it is none, or one of another kind.
    """
    if not text.startswith("z"):
        raise ValueError("no base58 Multikey")
    data = unbase58(text[1:])
    if not data.startswith(ED25519) or len(data) != 34:
        raise ValueError("no Ed25519 Multikey")
    return ed25519.Ed25519PublicKey.from_public_bytes(data[2:])


def has_ended(key: Mapping[str, Any], now: datetime) -> bool:
    """Whether a key in an actor's document signs nothing valid any more.

    An end that can't be read is taken for one that has come.
    """
    if "revoked" in key:
        return True
    expires = key.get("expires")
    if expires is None:
        return False
    try:
        return not isinstance(expires, str) or clock.from_iso(expires) <= now
    except (ValueError, OverflowError):
        return True
