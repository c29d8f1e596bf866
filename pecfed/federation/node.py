"""What the federation needs of a running node, in one place."""

from __future__ import annotations

from dataclasses import dataclass

from pecfed.domain.uris import Uris
from pecfed.federation.blocked import Blocked
from pecfed.federation.client import Client
from pecfed.federation.fetch import Fetcher
from pecfed.federation.hub_api import HubApi
from pecfed.federation.keyfiles import KeyFiles
from pecfed.federation.keys import Keyring
from pecfed.federation.knock import Knocks
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
    knocks: Knocks
    fetcher: Fetcher
    remotes: Remotes
    blocked: Blocked
    hub_api: HubApi

    @classmethod
    def make(cls, settings: Settings, database: Database) -> Node:
        """A node over an open database; close it when done."""
        uris, client, limits = Uris(settings.url), Client(settings), Limits(settings)
        keyring = Keyring(KeyFiles(settings.dir), database)
        knocks = Knocks(keyring, database)
        fetcher = Fetcher(client, knocks)
        remotes = Remotes(database, fetcher, limits, knocks)
        return cls(
            settings, database, keyring, client, uris, limits, knocks, fetcher, remotes,
            Blocked(database), HubApi(client),
        )  # fmt: skip

    async def close(self) -> None:
        """End what the node has of its own: connections, and the thread that signs."""
        self.knocks.close()
        await self.client.close()

    async def is_blocked(self, uri: str) -> bool:
        """Whether the operator has blocked that actor, or the server of that address."""
        return await self.blocked.holds(uri)
