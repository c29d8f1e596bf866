"""An attestation: a Note of the hub's on what it found of a statement; the credential is in it."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any, cast

from pecfed.domain.attestation import MOST_COMMENT, Attestation
from pecfed.domain.credential import FINDINGS, Finding
from pecfed.domain.text import pick
from pecfed.federation import vouching
from pecfed.language.charter import charter
from pecfed.language.wire import Document

WORDS = {
    "fr": {
        "opening": "🔎 Nous avons relu, principe par principe, ce que déclare {member}\u00a0: sa "
        "{statement}.",
        "confirmed": "Confirmé\u00a0: {principles}.",
        "questioned": "Encore en question\u00a0: {principles}.",
        "exactly": "Cela vaut pour cette déclaration exactement, et pour aucune autre.",
        "revoked": "🔎 Notre avis sur {member} et sa {statement} ne vaut plus depuis le {revoked}.",
    },
    "en": {
        "opening": "🔎 We have read, principle by principle, what {member} declares: its "
        "{statement}.",
        "confirmed": "Confirmed: {principles}.",
        "questioned": "Still questioned: {principles}.",
        "exactly": "This is about exactly that statement, and about no other.",
        "revoked": "🔎 What we found of {member} and its {statement} no longer stands since "
        "{revoked}.",
    },
}


def recognises(document: Mapping[str, Any]) -> bool:
    """Whether a document is a Note with an attestation."""
    return vouching.kind_of(document) == "attestation"


def to_wire(
    attestation: Attestation,
    uri: str,
    actor_uri: str,
    published: int,
    updated: int,
    language: str,
) -> Document:
    """The attestation for people, and the credential."""
    return vouching.note(
        "attestation", uri, actor_uri, published, updated, language,
        about=attestation.about,
        comment=attestation.comment,
        credential=attestation.credential,
        tell=lambda tag: _text(attestation, tag),
    )  # fmt: skip


def _text(attestation: Attestation, language: str) -> str:
    words, about = WORDS.get(language, WORDS["en"]), attestation.about
    named = {"member": vouching.named(about), "statement": vouching.statement_of(about, language)}
    if attestation.revoked:
        over = words["revoked"].format(
            **named, revoked=escape(vouching.day(attestation.revoked, language))
        )
        why = vouching.reason(attestation.reason, language)
        return f"<p>{over} {why}</p>{vouching.source(about, language)}"
    lines = [
        escape(words[finding].format(principles=_titles(attestation, finding, language)))
        for finding in FINDINGS
        if attestation.of(finding)
    ]
    until = vouching.until(attestation.valid_until, language)
    return "".join(
        [
            f"<p>{words['opening'].format(**named)}</p>",
            *(f"<p>{line}</p>" for line in lines),
            vouching.said(attestation.comment, language),
            f"<p>{escape(words['exactly'])} {until}</p>",
            vouching.source(about, language),
        ]
    )


def _titles(attestation: Attestation, finding: Finding, language: str) -> str:
    titles = {
        each.id: pick(each.title, language)[1]
        for each in charter(attestation.about.charter).principles
    }
    return ", ".join(titles.get(each, each) for each in attestation.of(finding))


def from_wire(document: Mapping[str, Any], actor_uri: str) -> Attestation:
    """The attestation that a hub gives; whether its proof holds is not looked at here.

    Raises:
        RefusedError: it breaks the schema, or is somebody else's.
    """
    claimed = vouching.read(document, "attestation", actor_uri)
    given, valid_until = vouching.days(claimed)
    return Attestation(
        about=vouching.about(claimed, document),
        principles=cast(dict[str, Finding], dict(claimed.principles)),
        given=given,
        valid_until=valid_until,
        credential=dict(document["credential"]),
        comment=vouching.comment(claimed, document, MOST_COMMENT),
    )
