"""`/label/NAME@HOST`: whether somebody bears the label, verified before the visitor's eyes.

The browser verifies by itself (`static/verify.js`), with what this node serves to everybody;
who has no JavaScript is told how to do the same with `pecfed verify`.
"""

from __future__ import annotations

from html import escape

from aiohttp import web

from pecfed.http import badge
from pecfed.http.appkeys import SETTINGS
from pecfed.http.credentials import label_json, wants_credential
from pecfed.http.label import Labelling, label_path, labelling
from pecfed.http.render import chosen, page
from pecfed.language.charter import charter, charters

POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; "
    "img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
STEPS = ("credential", "keys", "signature", "dates", "status", "statement", "attestation")
"""What the script looks at, in this order; the last of a label only."""


async def label_page(request: web.Request) -> web.Response:
    """The standing, what it rests on, and its verification; a program gets the credential.

    Raises:
        NotFoundError: the public directory has no such entry (any more).
    """
    if wants_credential(request):
        made = await label_json(request)
        made.headers["Vary"] = "Accept"
        return made
    found = await labelling(request)
    credential = found.label or found.attestation
    answer = await page(
        request,
        "label.html",
        negotiated=True,
        noindex=not found.entry.member.profile.indexable,
        entry=found.entry,
        member=found.entry.member,
        bears=found.label,
        attestation=found.attestation,
        credential=credential,
        principles=_principles(found),
        charter=charter(charters()[-1]),
        steps=STEPS if found.label else STEPS[:-1],
        label_path=label_path(found.entry.member.slug),
        sizes=badge.SIZES,
        snippet=_snippet(request, found),
    )
    answer.headers["Content-Security-Policy"] = POLICY
    return answer


def _principles(found: Labelling) -> list[tuple[str, str]]:
    """What the attestation found of each principle, by its id."""
    if found.attestation is None:
        return []
    listed = found.attestation.document["credentialSubject"]["principles"]
    return [(each["principle"], each["finding"]) for each in listed]


def _snippet(request: web.Request, found: Labelling) -> str:
    """HTML that shows the badge on the member's own site, in light and dark."""
    language = chosen(request).language
    url = request.app[SETTINGS].url + label_path(found.entry.member.slug)
    width, height = badge.SIZES["medium"]
    address = escape(f"{url}.svg?size=medium&lang={language}")
    alt = escape(f"Plateformes en communs: {found.entry.member.name}")
    return (
        f'<a href="{escape(url)}">\n<picture>\n'
        f'<source srcset="{address}&amp;theme=dark" media="(prefers-color-scheme: dark)">\n'
        f'<img src="{address}" width="{width}" height="{height}" alt="{alt}">\n'
        "</picture>\n</a>"
    )
