"""An endorsement: a Note that says for whom its author vouches, with the credential in it."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from pecfed.domain.endorsement import MOST_COMMENT, Endorsement
from pecfed.domain.text import pick
from pecfed.federation import vouching
from pecfed.language.charter import charter
from pecfed.language.wire import Document

WORDS = {
    "fr": {
        "whole": "🤝 Nous nous portons garants de {member} et de sa {statement}.",
        "some": "🤝 Nous nous portons garants de {member}, sur {n} engagement{s} de sa "
        "{statement}\u00a0:",
    },
    "en": {
        "whole": "🤝 We vouch for {member}, and for its {statement}.",
        "some": "🤝 We vouch for {member}, on {n} commitment{s} of its {statement}:",
    },
}


def recognises(document: Mapping[str, Any]) -> bool:
    """Whether a document is a Note with an endorsement."""
    return vouching.kind_of(document) == "endorsement"


def to_wire(
    endorsement: Endorsement,
    uri: str,
    actor_uri: str,
    published: int,
    updated: int,
    language: str,
) -> Document:
    """The endorsement for people, and the credential."""
    return vouching.note(
        "endorsement", uri, actor_uri, published, updated, language,
        about=endorsement.about,
        comment=endorsement.comment,
        credential=endorsement.credential,
        tell=lambda tag: _text(endorsement, tag),
    )  # fmt: skip


def _text(endorsement: Endorsement, language: str) -> str:
    words, about = WORDS.get(language, WORDS["en"]), endorsement.about
    picked = endorsement.commitments
    opening = words["some" if picked else "whole"].format(
        member=vouching.named(about),
        statement=vouching.statement_of(about, language),
        n=len(picked),
        s="" if len(picked) == 1 else "s",
    )
    titles = {each.id: pick(each.title, language)[1] for each in charter(about.charter).commitments}
    items = "".join(f"<li>{escape(titles[each])}</li>" for each in picked if each in titles)
    return "".join(
        [
            f"<p>{opening}</p>",
            f"<ul>{items}</ul>" if items else "",
            vouching.said(endorsement.comment, language),
            f"<p>{vouching.until(endorsement.valid_until, language)}</p>",
            vouching.source(about, language),
        ]
    )


def from_wire(document: Mapping[str, Any], actor_uri: str) -> Endorsement:
    """The endorsement that an actor gives; whether its proof holds is not looked at here.

    Raises:
        RefusedError: it breaks the schema, or is somebody else's.
    """
    claimed = vouching.read(document, "endorsement", actor_uri)
    given, valid_until = vouching.days(claimed)
    return Endorsement(
        endorser=actor_uri,
        about=vouching.about(claimed, document),
        given=given,
        valid_until=valid_until,
        credential=dict(document["credential"]),
        commitments=claimed.commitments,
        comment=vouching.comment(claimed, document, MOST_COMMENT),
    )
