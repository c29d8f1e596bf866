"""A label: a Note of the hub's that says who may show it, with the credential in it."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from pecfed.domain.label import Label
from pecfed.federation import html, vouching
from pecfed.language.wire import Document

WORDS = {
    "fr": {
        "opening": "🏷️ {member} porte le label\u00a0: sa {statement} a été relue et confirmée.",
        "check": "Tout le monde peut le vérifier\u00a0:",
        "revoked": "🏷️ {member} ne porte plus le label depuis le {revoked}.",
    },
    "en": {
        "opening": "🏷️ {member} bears the label: its {statement} was reviewed and confirmed.",
        "check": "Anybody can check it:",
        "revoked": "🏷️ {member} no longer bears the label since {revoked}.",
    },
}


def recognises(document: Mapping[str, Any]) -> bool:
    """Whether a document is a Note with a label."""
    return vouching.kind_of(document) == "label"


def to_wire(
    label: Label, uri: str, actor_uri: str, published: int, updated: int, language: str
) -> Document:
    """The label for people, and the credential."""
    return vouching.note(
        "label", uri, actor_uri, published, updated, language,
        about=label.about,
        comment={},
        credential=label.credential,
        tell=lambda tag: _text(label, tag),
    )  # fmt: skip


def _text(label: Label, language: str) -> str:
    words, about = WORDS.get(language, WORDS["en"]), label.about
    page = f"<p>{escape(words['check'])} {html.link(label.page)}</p>"
    if label.revoked:
        over = words["revoked"].format(
            member=vouching.named(about), revoked=escape(vouching.day(label.revoked, language))
        )
        return f"<p>{over} {vouching.reason(label.reason, language)}</p>{page}"
    opening = words["opening"].format(
        member=vouching.named(about), statement=vouching.statement_of(about, language)
    )
    return f"<p>{opening} {vouching.until(label.valid_until, language)}</p>{page}"


def from_wire(document: Mapping[str, Any], actor_uri: str) -> Label:
    """The label that a hub gives; whether its proof holds is not looked at here.

    Raises:
        RefusedError: it breaks the schema, or is somebody else's.
    """
    claimed = vouching.read(document, "label", actor_uri)
    given, valid_until = vouching.days(claimed)
    return Label(
        about=vouching.about(claimed, document),
        attestation=claimed.attestation,
        page="",
        given=given,
        valid_until=valid_until,
        credential=dict(document["credential"]),
    )
