"""A charter statement: a Note complete in itself, with its data in `charterStatement`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from html import escape
from typing import Any

from pecfed.domain.hashtag import carried
from pecfed.domain.statement import Declared, Statement
from pecfed.domain.text import pick, shared
from pecfed.errors import RefusedError
from pecfed.federation import envelope, html
from pecfed.language import dates
from pecfed.language.charter import charter
from pecfed.language.schema import is_valid
from pecfed.language.wire import Document

MOST = 280
"""Characters of an explanation that stand in the post; all of it is in `charterStatement`."""
MOST_LINKS = 3
WORDS = {
    "fr": {
        "opening": "Où en sommes-nous avec la « {title} » ? "
        "Notre déclaration, sur {n} engagement{s} :",
        "proof": "preuve",
        "level": "{title} ({level})",
        "closing": "Déclaration du {declared}, valable jusqu’au {until}. "
        "Le texte entier, avec toutes les preuves :",
    },
    "en": {
        "opening": "Where do we stand with the “{title}”? Our statement, on {n} commitment{s}:",
        "proof": "evidence",
        "level": "{title} ({level})",
        "closing": "Made on {declared}, valid until {until}. The whole text, with all evidence:",
    },
}


def recognises(document: Mapping[str, Any]) -> bool:
    """Whether a document is a Note with a charter statement."""
    return document.get("type") == "Note" and "charterStatement" in document


def to_wire(
    statement: Statement, uri: str, actor_uri: str, published: int, updated: int, language: str
) -> Document:
    """The statement in full text, and its value as data."""
    document = envelope.obj(uri, "Note", actor_uri, "statement", published, updated)
    written = _written(statement)
    main, _ = pick({tag: tag for tag in written}, language)
    tags = carried(statement, main)
    envelope.told(document, main, written, lambda tag: _text(statement, uri, tag), tags)
    document["charterStatement"] = statement.to_value()
    return document


def _written(statement: Statement) -> tuple[str, ...]:
    """The languages of every explanation, else of most; the charter's own where none is given."""
    given = [item.explanation for item in statement.commitments if item.explanation]
    if not given:
        return tuple(charter(statement.charter).title)
    counted = Counter(tag for each in given for tag in each)
    return shared(*given) or (counted.most_common(1)[0][0],)


def _text(statement: Statement, uri: str, language: str) -> str:
    """The statement as HTML for people, in one language: a line for each commitment."""
    words = WORDS.get(language, WORDS["en"])
    text = charter(statement.charter)
    labels = {level.id: pick(level.label, language)[1] for level in text.levels}
    counted = Counter(item.level for item in statement.commitments)
    number = len(statement.commitments)
    opening = words["opening"].format(
        title=pick(text.title, language)[1], n=number, s="" if number == 1 else "s"
    )
    levels = ", ".join(
        _counted(counted[id_], label, language) for id_, label in labels.items() if counted[id_]
    )
    parts = [f"<p>{escape(opening)} {escape(levels)}.</p>"]
    declared = {item.commitment: item for item in statement.commitments}
    for principle in text.principles:
        items = [
            _line(pick(each.title, language)[1], declared[each.id], labels, language)
            for each in principle.commitments
            if each.id in declared
        ]
        if items:
            title = escape(pick(principle.title, language)[1])
            parts.append(f"<p><strong>{title}</strong></p><ul>{''.join(items)}</ul>")
    closing = words["closing"].format(
        declared=dates.day(date.fromisoformat(statement.declared), language),
        until=dates.day(date.fromisoformat(statement.valid_until), language),
    )
    return "".join([*parts, f"<p>{escape(closing)} {html.link(uri)}</p>"])


def _counted(number: int, label: str, language: str) -> str:
    """`13 pratiqués`: a French participle has its plural."""
    plural = language == "fr" and number > 1 and label.endswith(("é", "u"))
    return f"{number} {label}{'s' if plural else ''}"


def _line(title: str, item: Declared, labels: Mapping[str, str], language: str) -> str:
    words = WORDS.get(language, WORDS["en"])
    said = escape(words["level"].format(title=title, level=labels[item.level]))
    _, explanation = pick(item.explanation, language)
    if explanation:
        said += ("\u00a0: " if language == "fr" else ": ") + escape(html.clipped(explanation, MOST))
    links = item.evidence[:MOST_LINKS]
    evidence = "".join(
        " " + html.link(url, f"[{words['proof']}{f' {number}' if len(links) > 1 else ''}]")
        for number, url in enumerate(links, 1)
    )
    return f"<li>{said}{evidence}</li>"


def from_wire(document: Mapping[str, Any], actor_uri: str) -> Statement:
    """The statement of the member that publishes it.

    Raises:
        RefusedError: it breaks the schema, or speaks for somebody else.
    """
    if not is_valid("statement", document):
        raise RefusedError("the statement breaks its schema", status=400, code="schema")
    statement = Statement.from_value(document["charterStatement"])
    if statement.member != actor_uri:
        raise RefusedError(
            "the statement speaks for another member", status=403, code="not_its_author"
        )
    try:
        date.fromisoformat(statement.declared)
        date.fromisoformat(statement.valid_until)
    except ValueError:
        raise RefusedError("the statement names no real date", status=400, code="schema") from None
    return statement
