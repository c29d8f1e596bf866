"""Likely doubles: entries with the same site, the same name, or of one actor that moved.

Only a hint for people: nothing is merged because two entries look alike.
"""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import urlsplit

from pecfed.domain.text import fold
from pecfed.domain.uris import MAX_URI

Why = Literal["same-site", "same-name", "same-actor"]

_FORMS = frozenset({
    "asso", "association", "coop", "cooperative", "scop", "scic", "sas", "sasu", "sarl", "sa",
    "eurl", "cic", "ltd", "gmbh", "ev", "the", "la", "le", "les", "l",
})  # fmt: skip
"""Words of a name that say what kind of organisation it is, or nothing."""
_FRONT = re.compile(r"/(?:index\.(?:html?|php)|accueil|home|fr|en)$", re.IGNORECASE)


def site_key(url: str) -> str:
    """A site's address without what varies between spellings; "" where it is none.

    Scheme, `www.`, port 80 or 443, the end of the front page's path, query and fragment
    don't count; the rest of the path does, since one host can house many.
    """
    if len(url) > MAX_URI:
        return ""
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").rstrip("."), parts.port
        host = host if host.isascii() else host.encode("idna").decode("ascii")
    except (ValueError, UnicodeError):
        return ""
    if parts.scheme not in {"http", "https"} or not host:
        return ""
    path = _FRONT.sub("", parts.path.rstrip("/")).rstrip("/")
    shown = "" if port in {None, 80, 443} else f":{port}"
    return f"{host.removeprefix('www.')}{shown}{path}"


def name_key(name: str) -> str:
    """A name without case, accents, punctuation and words for its legal form; "" for none."""
    words = fold([name]).split()
    telling = [word for word in words if word not in _FORMS]
    return " ".join(telling or words)
