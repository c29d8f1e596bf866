"""A review: a direct Note between a hub and a member, or two members, with its data in `review`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from pecfed.domain.review import (
    MAX_ACT,
    MAX_COMMITMENTS,
    MAX_LANGUAGES,
    MAX_MESSAGE,
    Review,
)
from pecfed.domain.text import clean, pick
from pecfed.domain.uris import origin
from pecfed.errors import RefusedError
from pecfed.federation import envelope, html
from pecfed.language import dates
from pecfed.language.charter import charter
from pecfed.language.wire import Document, as_uri, embedded, one_or_many

_TOKEN = re.compile(r"[a-z][a-z0-9-]{0,39}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}")
_PUBLIC_ONLY = ("replies", "likes", "shares", "url")
"""What a Note that is served to nobody doesn't have."""
WORDS = {
    "fr": {
        "ask": "Question sur votre déclaration",
        "publish": "Votre déclaration a été examinée",
        "refuse": "Ceci n’a pas été retenu",
        "later": "Examen reporté",
        "answer": "Réponse",
        "endorse-please": "Pouvez-vous soutenir notre déclaration ?",
        "about": "{opening} ({titles})",
        "ask-until": "Réponse attendue avant le {day}.",
        "later-until": "Nous y reviendrons le {day}.",
        "publish-until": "Valable jusqu’au {day}.",
    },
    "en": {
        "ask": "A question about your statement",
        "publish": "Your statement was reviewed",
        "refuse": "This was not accepted",
        "later": "The review was put off",
        "answer": "An answer",
        "endorse-please": "Can you endorse our statement?",
        "about": "{opening} ({titles})",
        "ask-until": "We await your answer by {day}.",
        "later-until": "We will come back to it on {day}.",
        "publish-until": "Valid until {day}.",
    },
}


def recognises(document: Mapping[str, Any]) -> bool:
    """Whether a document is a Note with a review."""
    return (
        document.get("type") == "Note"
        and "review" in document
        and "charterStatement" not in document
    )


def to_wire(
    review: Review, uri: str, actor_uri: str, published: int, updated: int, language: str
) -> Document:
    """The review as a direct message that every server shows, and its value as data."""
    document = envelope.obj(uri, "Note", actor_uri, "review", published, updated)
    main, _ = pick(review.message, language)
    envelope.told(document, main, review.message, lambda tag: _text(review, tag), ())
    for name in _PUBLIC_ONLY:
        del document[name]
    document |= {"to": [review.to], "cc": []}
    document["tag"] = [{"type": "Mention", "href": review.to, "name": f"@{review.handle}"}]
    if review.reply_to:
        document["inReplyTo"] = review.reply_to
    return document | {"review": review.to_value()}


def _text(review: Review, language: str) -> str:
    """What a person reads who doesn't run this program, in one language."""
    words = WORDS.get(language, WORDS["en"])
    opening = words.get(review.act, "")
    titles = {each.id: pick(each.title, language)[1] for each in charter().commitments}
    named = ", ".join(titles.get(each, each) for each in review.commitments)
    if opening and named:
        opening = words["about"].format(opening=opening, titles=named)
    closing = words.get(f"{review.act}-until", "") if review.until else ""
    if closing:
        closing = closing.format(day=dates.day(date.fromisoformat(review.until), language))
    said = pick(review.message, language)[1]
    parts = html.paragraphs("\n\n".join(part for part in (opening, said, closing) if part),
                            links=True)  # fmt: skip
    return parts + (f"<p>{html.link(review.about)}</p>" if origin(review.about) else "")


def from_wire(document: Mapping[str, Any], _actor_uri: str) -> Review:
    """The review, every text cleaned and within bounds; what is unknown in it is left out.

    Raises:
        RefusedError: it says nothing that can be read.
    """
    value = embedded(document.get("review"))
    act, about = value.get("act"), as_uri(value.get("about"))
    if not isinstance(act, str) or not _TOKEN.fullmatch(act) or len(act) > MAX_ACT:
        raise RefusedError("the review doesn't say what it does", status=400, code="schema")
    if not origin(about):
        raise RefusedError("the review doesn't say what it is about", status=400, code="schema")
    named = one_or_many(value.get("commitments"))[:MAX_COMMITMENTS]
    to = next((as_uri(each) for each in one_or_many(document.get("to"))[:1]), "")
    return Review(
        act=act,
        about=about,
        digest=_matching(_DIGEST, value.get("digest")),
        commitments=tuple(dict.fromkeys(filter(None, (_matching(_TOKEN, it) for it in named)))),
        reason=_matching(_TOKEN, value.get("reason")),
        message=_message(value.get("message")),
        until=_day(value.get("until")),
        to=to,
        reply_to=as_uri(document.get("inReplyTo")),
    )


def _matching(pattern: re.Pattern[str], value: object) -> str:
    return value if isinstance(value, str) and pattern.fullmatch(value) else ""


def _message(value: object) -> dict[str, str]:
    """Words by language; a plain text counts as written in none."""
    given = {"und": value} if isinstance(value, str) else value
    if not isinstance(given, Mapping):
        return {}
    found: dict[str, str] = {}
    for tag, text in given.items():
        if len(found) == MAX_LANGUAGES:
            break
        if isinstance(text, str) and _TAG.fullmatch(tag) and (said := clean(text, MAX_MESSAGE)):
            found[tag] = said
    return found


def _day(value: object) -> str:
    if not isinstance(value, str) or len(value) != 10:
        return ""
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        return ""
