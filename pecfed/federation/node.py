"""What the federation needs of a running node, in one place."""

from __future__ import annotations

from dataclasses import dataclass

from pecfed.domain.uris import Uris
from pecfed.federation.blocked import Blocked
from pecfed.federation.client import Client
from pecfed.federation.fetch import Fetcher
from pecfed.federation.keyfiles import KeyFiles
from pecfed.federation.keys import Keyring
from pecfed.federation.limits import Limits
from pecfed.federation.remote import Remotes
from pecfed.settings import Settings
from pecfed.store.database import Database


@dataclass(slots=True)
class Node:
    """A node at work."""

    settings: Settings
    database: Database
    keyring: Keyring
    client: Client
    uris: Uris
    limits: Limits
    fetcher: Fetcher
    remotes: Remotes
    blocked: Blocked

    @classmethod
    def make(cls, settings: Settings, database: Database) -> Node:
        """A node over an open database; close its client when done."""
        uris, client, limits = Uris(settings.url), Client(settings), Limits(settings)
        keyring = Keyring(KeyFiles(settings.dir), database)
        fetcher = Fetcher(client, keyring)
        remotes = Remotes(database, fetcher, limits)
        return cls(
            settings, database, keyring, client, uris, limits, fetcher, remotes, Blocked(database)
        )

    async def is_blocked(self, uri: str) -> bool:
        """Whether the operator has blocked that actor, or the server of that address."""
        return await self.blocked.holds(uri)
