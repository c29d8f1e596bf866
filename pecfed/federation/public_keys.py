"""Other actors' public keys: read, bounded, and asked whether a signature is theirs. Pure.

A key is kept as the text its owner publishes: PEM (`publicKeyPem`) or a Multikey
(`publicKeyMultibase`, FEP-521a; W3C Controlled Identifiers 1.0 section 2.2.2).
"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

from pecfed.federation.multikey import ED25519, RSA, unbase58
from pecfed.federation.signing_rules import no

PublicKey = rsa.RSAPublicKey | ed25519.Ed25519PublicKey
MAX_KEY = 2048  # characters; an RSA key of 8192 bits has 1450


def load_public_key(text: str) -> PublicKey:
    """A peer's public key: RSA of 2048 to 8192 bits as PEM or Multikey, Ed25519 as Multikey.

    Raises:
        RefusedError: 401, it is none.
    """
    try:
        if len(text) > MAX_KEY:
            raise ValueError("too long")
        key = _multikey(text[1:]) if text.startswith("z") else _pem(text)
    except (ValueError, UnsupportedAlgorithm, UnicodeEncodeError):
        raise no("key", "the public key can't be read") from None
    if isinstance(key, ed25519.Ed25519PublicKey):
        return key
    if not isinstance(key, rsa.RSAPublicKey) or not 2048 <= key.key_size <= 8192:
        raise no("key", "the public key is not RSA of 2048 to 8192 bits")
    if key.public_numbers().e < 65537:
        raise no("key", "the public key has too small an exponent")
    return key


def _multikey(text: str) -> object:
    data = unbase58(text)
    if data.startswith(ED25519):
        return ed25519.Ed25519PublicKey.from_public_bytes(data[2:])
    if data.startswith(RSA):  # PKCS #1
        return serialization.load_der_public_key(data[2:])
    raise ValueError("a kind of key that is not taken")


def _pem(text: str) -> object:
    key = serialization.load_pem_public_key(text.encode())
    # `publicKey` is RSA wherever it is used; an Ed25519 key has its place in assertionMethod
    return key if isinstance(key, rsa.RSAPublicKey) else None


def is_signed_by(key: PublicKey, value: bytes, signed: bytes) -> bool:
    """Whether `value` is that key's signature of `signed`; the algorithm is that of the key."""
    try:
        if isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(value, signed)
        else:
            key.verify(value, signed, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True
