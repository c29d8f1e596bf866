"""How much strangers may make this node do; counts live in memory and are bounded."""

from __future__ import annotations

import time
from collections import OrderedDict

from pecfed.settings import Settings

MAX_ROWS = 10_000
LOOKUPS = 60
LOOKUPS_PER_HOST = 6
ASKS = 60
ASKS_PER_ADDRESS = 6
TAKE_OFFS_PER_ADDRESS = 10  # in a day


class Counter:
    """Counts by name in minutes of the machine's own clock; the oldest names are dropped.

    `seconds` is for what counts longer than a minute.
    """

    def __init__(self, per_minute: int, seconds: float = 60) -> None:
        self._per_minute, self._seconds = per_minute, seconds
        self._counts: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def take(self, name: str) -> bool:
        """Whether one more is allowed for `name` in this time; counts it if so."""
        now = time.monotonic()
        since, count = self._counts.pop(name, (now, 0))
        if now - since >= self._seconds:
            since, count = now, 0
        allowed = count < self._per_minute
        self._counts[name] = (since, count + 1 if allowed else count)
        if len(self._counts) > MAX_ROWS:
            self._counts.popitem(last=False)
        return allowed


class Remembered:
    """Names that failed a while ago and are not worth asking again yet."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until: OrderedDict[str, float] = OrderedDict()

    def add(self, name: str) -> None:
        """Remember a name from now on."""
        self._until.pop(name, None)
        self._until[name] = time.monotonic() + self._seconds
        if len(self._until) > MAX_ROWS:
            self._until.popitem(last=False)

    def holds(self, name: str) -> bool:
        """Whether the name is still remembered."""
        return self._until.get(name, 0.0) > time.monotonic()


class Limits:
    """Every limit on strangers, by what it protects."""

    def __init__(self, settings: Settings) -> None:
        self._key_fetches = Counter(settings.key_fetches_per_minute)
        self._key_fetches_by_host = Counter(settings.key_fetches_per_host)
        self.strangers = Counter(settings.strangers_per_minute)
        self.deleted = Remembered(6 * 3600)
        self.signatures = Remembered(3 * 3600)  # longer than one counts
        self._lookups = Counter(LOOKUPS)
        self._lookups_by_host = Counter(LOOKUPS_PER_HOST)
        self._asks = Counter(ASKS)
        self._asks_by_address = Counter(ASKS_PER_ADDRESS)
        self._take_offs = Counter(TAKE_OFFS_PER_ADDRESS, seconds=86_400)
        self.bad_keys = Remembered(600)
        self.away = Remembered(60)  # shorter: an origin that doesn't answer may be back soon
        self.refreshed = Remembered(300)

    def may_fetch_key(self, host: str) -> bool:
        """Whether the key of an unknown sender on that host may be fetched now."""
        return self._key_fetches_by_host.take(host) and self._key_fetches.take("")

    def may_look_up(self, host: str) -> bool:
        """Whether a visitor may make us ask that host for a handle now."""
        return self._lookups_by_host.take(host) and self._lookups.take("")

    def may_ask(self, address: str) -> bool:
        """Whether a visitor from that address may ask now what is kept of somebody."""
        return self._asks_by_address.take(address) and self._asks.take("")

    def may_ask_off(self, address: str) -> bool:
        """Whether somebody there may ask the operator again to take an entry off."""
        return self._take_offs.take(address)
