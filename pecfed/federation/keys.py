"""Which key an actor signs with now: what the database says, the private half in memory.

A rotation may be another process's doing. What was read before is asked for again
when the database has changed since (its revision), at most once a second.
"""

from __future__ import annotations

import time
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from pecfed.errors import StoreError
from pecfed.federation.keyfiles import KeyFiles, Private
from pecfed.store import keys
from pecfed.store.database import Database, Session
from pecfed.store.keys import Kind

STEADY_SECONDS = 1.0
AT_LEAST_SECONDS = 30.0  # should a change of another process not have been heard of


class RsaSigner(NamedTuple):
    """An actor's RSA key as it signs with it: the key's id and the private half."""

    uri: str
    key: rsa.RSAPrivateKey


class Ed25519Signer(NamedTuple):
    """An actor's Ed25519 key as it signs with it: the key's id and the private half.

    `since` is when it was made, in milliseconds since 1970.
    """

    uri: str
    key: ed25519.Ed25519PrivateKey
    since: int = 0


async def _read(session: Session) -> tuple[dict[tuple[str, str], str], dict[str, int]]:
    return await keys.current(session), await keys.made_at(session)


class Keyring:
    """The current keys of a node's actors; loading one takes tens of milliseconds, once."""

    def __init__(self, files: KeyFiles, database: Database) -> None:
        self.files = files
        self._database = database
        self._current: dict[tuple[str, str], str] = {}
        self._since: dict[str, int] = {}
        self._loaded: dict[str, Private] = {}
        self._revision = -1
        self._read_at = self._looked_at = -AT_LEAST_SECONDS

    async def rsa(self, username: str) -> RsaSigner:
        """The RSA key an actor signs with now.

        Raises:
            StoreError: the key file is missing or unreadable, or there is no such actor.
        """
        uri, key = await self._signer(username, "rsa")
        assert isinstance(key, rsa.RSAPrivateKey)
        return RsaSigner(uri, key)

    async def ed25519(self, username: str) -> Ed25519Signer:
        """The Ed25519 key an actor signs with now.

        Raises:
            StoreError: the key file is missing or unreadable, or there is no such actor.
        """
        uri, key = await self._signer(username, "ed25519")
        assert isinstance(key, ed25519.Ed25519PrivateKey)
        return Ed25519Signer(uri, key)

    async def attesting(self, username: str) -> Ed25519Signer:
        """The key an actor signs credentials with now: a hub's own for that, else its Ed25519 key.

        Raises:
            StoreError: the key file is missing or unreadable, or there is no such actor.
        """
        await self._refresh()
        kind: Kind = "attestation" if (username, "attestation") in self._current else "ed25519"
        uri, key = await self._signer(username, kind)
        assert isinstance(key, ed25519.Ed25519PrivateKey)
        return Ed25519Signer(uri, key, self._since[uri])

    async def _signer(self, username: str, kind: Kind) -> tuple[str, Private]:
        """A key's id and private half; asked for anew before it is said that there is none."""
        await self._refresh()
        try:
            return self._load(username, kind)
        except StoreError:
            await self._refresh(now=True)
            return self._load(username, kind)

    def _load(self, username: str, kind: Kind) -> tuple[str, Private]:
        uri = self._current.get((username, kind))
        if uri is None:
            raise StoreError(f"{username!r} has no {kind} key here", retry=False)
        key = self._loaded.get(uri)
        if key is None:
            key = self._loaded[uri] = self.files.load(username, uri)
        return uri, key

    async def _refresh(self, *, now: bool = False) -> None:
        """Ask the database which keys are current, if it may have changed its mind."""
        moment = time.monotonic()
        if not now:
            if moment - self._looked_at < STEADY_SECONDS:
                return
            self._looked_at = moment
            unchanged = self._revision == self._database.revision
            if unchanged and moment - self._read_at < AT_LEAST_SECONDS:
                return
        revision = self._database.revision
        current, since = await self._database.read(_read)
        self._revision, self._read_at, self._current = revision, moment, current
        self._since = since
        for uri in self._loaded.keys() - set(current.values()):
            del self._loaded[uri]
