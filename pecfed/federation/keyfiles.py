"""Key pairs: made, and kept in files that only the node's user can read.

Each actor has an RSA-2048 key (what every Fediverse server verifies) and an
Ed25519 key (FEP-521a), a hub one more of these for what it attests. Which of them
counts now says the database (store/keys.py).
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from pecfed.errors import StoreError, UsageError
from pecfed.federation.multikey import multikey
from pecfed.store.keys import Kind

Private = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
_PAIR = {"main-key": "rsa", "ed25519-key": "ed25519"}
ATTESTATION = "attestation-key"
_FIRST = {**_PAIR, ATTESTATION: "attestation"}


def public_half(key: Private) -> str:
    """The public half as it is published: an SPKI PEM (RSA) or a Multikey (Ed25519)."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return multikey(key.public_key())
    return (
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


class KeyFiles:
    """The private keys of one node, in `DIR/keys`, mode 0600."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "keys"

    def make(self, username: str) -> tuple[str, str]:
        """Make and keep an actor's first two key pairs; the public halves as (PEM, Multikey).

        Keys that are there already are kept: a lost one can't be replaced unseen.
        """
        with self._locked():
            # two commands at once must not make two keys, of which one would be overwritten
            for name, kind in _PAIR.items():
                path = self._path(username, name)
                if not path.exists():
                    _write(path, _new(kind))
        pem, multi = (public_half(self.load(username, name)) for name in _PAIR)
        return pem, multi

    def make_attestation(self, username: str) -> str:
        """Make and keep a hub's first attestation key, unless it is there; the public half."""
        with self._locked():
            path = self._path(username, ATTESTATION)
            if not path.exists():
                _write(path, _new("attestation"))
        return public_half(self.load(username, ATTESTATION))

    def make_new(self, username: str, kind: Kind) -> tuple[str, str]:
        """Make and keep one more pair; its name (a fresh id's fragment) and the public half."""
        with self._locked():
            name = f"{kind}-{secrets.token_hex(6)}"
            key = _new(kind)
            _write(self._path(username, name), key)
        return name, public_half(key)

    def load(self, username: str, name: str) -> Private:
        """A private key; `name` is its id, or the fragment of it.

        Raises:
            StoreError: the key file is missing or unreadable.
        """
        path = self._path(username, name)
        try:
            # our own file, written by us: the slow check of foreign keys is not needed
            loaded = serialization.load_pem_private_key(
                path.read_bytes(), None, unsafe_skip_rsa_key_validation=True
            )
        except (OSError, ValueError) as error:
            raise StoreError(f"the key {path} can't be read: {error}", retry=False) from error
        assert isinstance(loaded, rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey)
        return loaded

    def link(self, username: str, other: str) -> None:
        """Let an actor's keys be found under another name too.

        Raises:
            UsageError: there are keys under that name.
        """
        with self._locked():
            if next(self._folder.glob(f"{other}.*.pem"), None):
                raise UsageError(f"there are keys of {other!r} in {self._folder}; choose another")
            for path in self._folder.glob(f"{username}.*.pem"):
                os.link(path, path.with_name(other + path.name.removeprefix(username)))

    def unlink(self, username: str) -> None:
        """Forget a name under which keys are found that have another one too."""
        with self._locked():
            for path in self._folder.glob(f"{username}.*.pem"):
                if path.stat().st_nlink > 1:
                    path.unlink()

    def remove(self, username: str, name: str) -> bool:
        """Delete a private key for good; False when it wasn't there."""
        path = self._path(username, name)
        if not path.exists():
            return False
        path.unlink(missing_ok=True)
        return True

    def _path(self, username: str, name: str) -> Path:
        name = name.rpartition("#")[2]
        return self._folder / f"{username}.{_FIRST.get(name, name)}.pem"

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        with (self._folder / "lock").open("w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _new(kind: str) -> Private:
    if kind == "rsa":
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return ed25519.Ed25519PrivateKey.generate()


def _write(path: Path, key: Private) -> None:
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
    # the database may name this key right after: its name must be on disk, too
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
