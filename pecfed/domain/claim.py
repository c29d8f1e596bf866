"""What an invited organisation can ask: "this is us", "take us off"; and what proves that it asks.

The proof is a word on its own site that only whoever keeps the site can place. The word
isn't secret: it is computed from what is asked, so that it proves exactly that, and nothing
need be kept before it stands there.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b32encode
from collections.abc import Sequence
from typing import Literal
from urllib.parse import urlsplit

from pecfed.domain.profile import Profile
from pecfed.domain.text import fold

Kind = Literal["claim", "take-off"]
KINDS: tuple[Kind, ...] = ("claim", "take-off")
MAX_WORDS = 1000
"""Characters of what it writes to the operator."""
FILE = "/.well-known/pecfed.txt"
"""Where the word may stand, in a line of its own (RFC 8615)."""
META = "pecfed-proof"
"""… or the name of a `meta` tag on the site's front page."""


def token(hub_uri: str, slug: str, kind: Kind, handle: str = "", words: str = "") -> str:
    """The word that proves that the organisation of that entry asks for exactly this."""
    asked = json.dumps([hub_uri, slug, kind, handle, words], ensure_ascii=False)
    digest = hashlib.sha256(asked.encode("utf-8", "replace")).digest()
    return f"pecfed-{b32encode(digest[:15]).decode().lower()}"


def site_of(profile: Profile) -> str:
    """Its own site as a comparable name: host without `www.`, and the path; "" without one."""
    try:
        parts = urlsplit(profile.url)
        host = (parts.hostname or "").lower().removeprefix("www.")
    except ValueError:
        return ""
    return f"{host}{parts.path.rstrip('/')}" if host else ""


def known_by(slug: str, profile: Profile) -> Sequence[str]:
    """What an entry would be known by when somebody lists it again, hashed.

    Its id and its site; its name where it has no site. Whoever wants to be forgotten isn't
    kept in clear for that.
    """
    site = site_of(profile)
    names = [f"slug {slug}", f"site {site}" if site else f"name {fold([profile.name])}"]
    return [hashlib.sha256(name.encode("utf-8", "replace")).hexdigest() for name in names]
