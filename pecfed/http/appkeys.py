"""Everything that hangs on the aiohttp application, by typed key."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from pecfed.domain.uris import Uris
from pecfed.federation.node import Node
from pecfed.settings import Network, Settings
from pecfed.store.database import Database

SETTINGS = web.AppKey("settings", Settings)
DATABASE = web.AppKey("database", Database)
URIS = web.AppKey("uris", Uris)
PROXIES: web.AppKey[Sequence[Network]] = web.AppKey("trusted proxies")
NODE = web.AppKey("node", Node)
