"""Handles: `@name@host`, as people write them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pecfed.domain.uris import host_of

_USERNAME = re.compile(r"[\w.~+-]{1,128}")
MAX_HANDLE = 400


def is_username(name: str) -> bool:
    """Whether a name can stand before the @ of a handle, and in the path of a page."""
    return _USERNAME.fullmatch(name) is not None


@dataclass(frozen=True, slots=True)
class Handle:
    """A user name and the host it stands on (with the port where there is one), in lower case."""

    name: str
    host: str

    def __str__(self) -> str:
        return f"{self.name}@{self.host}"

    @property
    def subject(self) -> str:
        """The handle as WebFinger spells it."""
        return f"acct:{self}"

    @classmethod
    def read(cls, text: str) -> Handle | None:
        """A handle out of `@name@host`, `name@host` or `acct:name@host`; None where it is none.

        A host name beyond a-z is turned into its xn-- form.
        """
        text = text.strip()
        if len(text) > MAX_HANDLE:
            return None
        bare = text.removeprefix("acct:").removeprefix("@").lower()
        name, at, host = bare.partition("@")
        if not at or not is_username(name):
            return None
        try:
            host = host if host.isascii() else host.encode("idna").decode("ascii")
        except UnicodeError:
            return None
        return cls(name, host) if host and host_of(f"https://{host}") == host else None
