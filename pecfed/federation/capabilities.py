"""What software says it can do, on its actors (FEP-844e); ours, and what we read of others.

Nothing is ever inferred from the name of somebody's software.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pecfed.language.wire import Document, one_or_many

RFC9421 = "https://datatracker.ietf.org/doc/html/rfc9421"
EDDSA = f"{RFC9421}#name-eddsa-using-curve-edwards25"
MAX_LINKS = 50
GENERATOR: Document = {
    "type": "Application",
    "implements": [
        {"href": RFC9421, "name": "RFC-9421: HTTP Message Signatures"},
        {"href": EDDSA, "name": "RFC-9421 signatures with Ed25519 keys"},
    ],
}
"""The `generator` of our actors."""


def takes_ed25519(document: Mapping[str, Any]) -> bool:
    """Whether an actor's software says that it verifies RFC 9421 signatures by Ed25519 keys."""
    hrefs = set()
    for software in one_or_many(document.get("generator"))[:MAX_LINKS]:
        if isinstance(software, Mapping):
            for link in one_or_many(software.get("implements"))[:MAX_LINKS]:
                href = link.get("href") if isinstance(link, Mapping) else link
                if isinstance(href, str):
                    hrefs.add(href)
    # the anchor is cut short by the site it is taken from; others may write the whole of it
    return RFC9421 in hrefs and any(href.startswith(EDDSA) for href in hrefs)
