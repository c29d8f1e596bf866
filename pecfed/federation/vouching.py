"""What the three kinds of vouching have in common on the wire: a Note around a credential.

The credential stands whole in one property of the Note, as JSON that nobody rewrites (the
term is `@json`): so it verifies apart from the Note, by whoever is given it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date
from html import escape
from typing import Any, Literal

from pecfed.domain.about import About
from pecfed.domain.handle import Handle
from pecfed.domain.membership import REASONS
from pecfed.domain.text import Texts, clean, pick
from pecfed.errors import RefusedError
from pecfed.federation import envelope, html, verify
from pecfed.federation.verify import Claimed
from pecfed.language import dates, hashtags
from pecfed.language.charter import charter
from pecfed.language.schema import is_valid
from pecfed.language.wire import Document, one_or_many, text_by_language

Kind = Literal["endorsement", "attestation", "label"]
MAX_CREDENTIAL = 32_768  # characters of one that somebody else issued
MOST = 500
"""Characters of a comment that stand in the post."""
WORDS = {
    "fr": {
        "statement": "déclaration du {declared} sur la « {title} »",
        "until": "Valable jusqu’au {until}.",
        "reason": "Motif\u00a0: {reason}.",
        "of": "La déclaration\u00a0:",
    },
    "en": {
        "statement": "statement of {declared} on the “{title}”",
        "until": "Valid until {until}.",
        "reason": "Reason: {reason}.",
        "of": "The statement:",
    },
}


def kind_of(document: Mapping[str, Any]) -> Kind | None:
    """Which kind of vouching a document is; None for none that we know."""
    credential = document.get("credential")
    if document.get("type") != "Note" or not isinstance(credential, Mapping):
        return None
    types = one_or_many(credential.get("type"))
    if "OpenBadgeCredential" in types:
        return "label"
    if "EndorsementCredential" not in types:
        return None
    subject = credential.get("credentialSubject")
    return (
        "attestation" if isinstance(subject, Mapping) and "principles" in subject else "endorsement"
    )


def note(
    kind: Kind,
    uri: str,
    actor_uri: str,
    published: int,
    updated: int,
    language: str,
    *,
    about: About,
    comment: Texts,
    credential: Mapping[str, Any],
    tell: Callable[[str], str],
) -> Document:
    """The Note of a vouching; `tell` writes its text (HTML) in one language.

    It names the member, so that the member's server tells it. Without a comment of
    somebody's own it is written in every language of the charter.
    """
    document = envelope.obj(uri, "Note", actor_uri, kind, published, updated)
    written = tuple(comment) or tuple(charter(about.charter).title)
    main, _ = pick({tag: tag for tag in written}, language)
    envelope.told(document, main, written, tell, (hashtags.community(),))
    mention = {"type": "Mention", "href": about.member, "name": f"@{about.handle}"}
    document["tag"] = [mention, *document["tag"]]
    document["cc"] = [*document["cc"], about.member]
    document["credential"] = dict(credential)
    return document


def words_of(language: str) -> Mapping[str, str]:
    """The words shared by all three, in that language, else in English."""
    return WORDS.get(language, WORDS["en"])


def statement_of(about: About, language: str) -> str:
    """`statement of 3 May 2027 on the “Charter”`, as HTML."""
    title = pick(charter(about.charter).title, language)[1]
    return escape(
        words_of(language)["statement"].format(declared=day(about.declared, language), title=title)
    )


def day(iso: str, language: str) -> str:
    """An ISO date as people write it."""
    return dates.day(date.fromisoformat(iso), language)


def until(iso: str, language: str) -> str:
    """The sentence that says until when it holds."""
    return escape(words_of(language)["until"].format(until=day(iso, language)))


def reason(code: str, language: str) -> str:
    """`Reason: …`, where there is one."""
    if not code:
        return ""
    label = pick(REASONS.get(code, {}), language)[1] or code
    return escape(words_of(language)["reason"].format(reason=label))


def source(about: About, language: str) -> str:
    """The paragraph that leads to the statement."""
    return f"<p>{escape(words_of(language)['of'])} {html.link(about.statement)}</p>"


def named(about: About) -> str:
    """The member, as a mention."""
    return html.mention(about.member, about.handle)


def said(comment: Texts, language: str) -> str:
    """The author's own words, as paragraphs."""
    text = pick(comment, language)[1]
    return html.paragraphs(html.clipped(text, MOST)) if text else ""


def read(document: Mapping[str, Any], kind: Kind, actor_uri: str) -> Claimed:
    """What the credential in a Note of that actor's says; its proof is not looked at here.

    Raises:
        RefusedError: it breaks its schema, is too long, or is not the actor's own.
    """
    if not is_valid(kind, document):
        raise RefusedError(f"the {kind} breaks its schema", status=400, code="schema")
    credential = document["credential"]
    if len(json.dumps(credential, ensure_ascii=False)) > MAX_CREDENTIAL:
        raise RefusedError(f"the {kind} is too long", status=400, code="too_long")
    claimed = verify.read(credential)
    if claimed.issuer != actor_uri:
        raise RefusedError(
            f"the {kind} was issued by another actor", status=403, code="not_its_author"
        )
    return claimed


def about(claimed: Claimed, document: Mapping[str, Any]) -> About:
    """What a credential is about; the handle is the one that its Note mentions."""
    return About(
        member=claimed.subject,
        name="",
        handle=_handle(document, claimed.subject),
        statement=claimed.statement,
        digest=claimed.digest,
        charter=claimed.charter,
        declared="",
    )


def _handle(document: Mapping[str, Any], member: str) -> str:
    for each in one_or_many(document.get("tag"))[:20]:
        if isinstance(each, Mapping) and each.get("href") == member:
            found = Handle.read(str(each.get("name")))
            return str(found) if found else ""
    return ""


def comment(claimed: Claimed, document: Mapping[str, Any], limit: int) -> Texts:
    """The issuer's own words, in the language of the Note."""
    language = next(iter(text_by_language(document, "content")), "und")
    return {language: text} if (text := clean(claimed.comment, limit)) else {}


def days(claimed: Claimed) -> tuple[str, str]:
    """From which day until which day (UTC) a credential holds, as ISO dates."""
    first, last = (
        each.astimezone(UTC).date() for each in (claimed.valid_from, claimed.valid_until)
    )
    return first.isoformat(), last.isoformat()
