"""Key pairs: made, kept in files that only the node's user can read, cached once loaded.

Each actor has an RSA-2048 key (what every Fediverse server verifies) and an
Ed25519 key (FEP-521a). Loading a private RSA key takes tens of milliseconds,
so loaded keys stay in memory.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from pecfed.errors import StoreError

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def base58(data: bytes) -> str:
    """Bytes in base58 with Bitcoin's alphabet (Multibase prefix `z`)."""
    number = int.from_bytes(data, "big")
    digits = ""
    while number:
        number, rest = divmod(number, 58)
        digits = _ALPHABET[rest] + digits
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + digits


def multikey(public: ed25519.Ed25519PublicKey) -> str:
    """An Ed25519 public key as a Multikey (`z6Mk…`; W3C CID 1.0 section 2.2.2)."""
    return "z" + base58(b"\xed\x01" + public.public_bytes_raw())


class Keyring:
    """The private keys of one node, in `DIR/keys`, mode 0600."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "keys"
        self._rsa: dict[str, rsa.RSAPrivateKey] = {}

    def make(self, username: str) -> tuple[str, str]:
        """Make and keep both key pairs; the public halves as (SPKI PEM, Multikey).

        Keys that are there already are kept: a lost one can't be replaced unseen.
        """
        self._folder.mkdir(mode=0o700, exist_ok=True)
        rsa_path = self._folder / f"{username}.rsa.pem"
        ed_path = self._folder / f"{username}.ed25519.pem"
        with (self._folder / "lock").open("w", encoding="ascii") as lock:
            # two commands at once must not make two keys, of which one would be overwritten
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not rsa_path.exists():
                _write(rsa_path, rsa.generate_private_key(public_exponent=65537, key_size=2048))
            if not ed_path.exists():
                _write(ed_path, ed25519.Ed25519PrivateKey.generate())
        ed_key = serialization.load_pem_private_key(ed_path.read_bytes(), None)
        assert isinstance(ed_key, ed25519.Ed25519PrivateKey)
        pem = (
            self.rsa(username)
            .public_key()
            .public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
        )
        return pem.decode(), multikey(ed_key.public_key())

    def rsa(self, username: str) -> rsa.RSAPrivateKey:
        """An actor's private RSA key.

        Raises:
            StoreError: the key file is missing or unreadable.
        """
        key = self._rsa.get(username)
        if key is None:
            path = self._folder / f"{username}.rsa.pem"
            try:
                # our own file, written by us: the slow check of foreign keys is not needed
                loaded = serialization.load_pem_private_key(
                    path.read_bytes(), None, unsafe_skip_rsa_key_validation=True
                )
            except (OSError, ValueError) as error:
                raise StoreError(f"the key {path} can't be read: {error}", retry=False) from error
            assert isinstance(loaded, rsa.RSAPrivateKey)
            key = self._rsa[username] = loaded
        return key


def _write(path: Path, key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey) -> None:
    """Write a private key so that a crash leaves the whole of it or nothing."""
    data = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
