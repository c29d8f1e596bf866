"""A charter statement: a Note complete in itself, with its data in `charterStatement`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from html import escape
from typing import Any

from pecfed.domain.statement import Declared, Statement
from pecfed.domain.text import pick
from pecfed.errors import RefusedError
from pecfed.federation import envelope, html
from pecfed.language import dates
from pecfed.language.charter import charter
from pecfed.language.schema import is_valid
from pecfed.language.wire import Document

_OPENING = {
    "fr": "Notre déclaration sur la charte « {title} » ({version}), faite le {declared}, "
    "valable jusqu'au {until} :",
    "en": "Our statement on the charter “{title}” ({version}), made on {declared}, "
    "valid until {until}:",
}


def recognises(document: Mapping[str, Any]) -> bool:
    """Whether a document is a Note with a charter statement."""
    return document.get("type") == "Note" and "charterStatement" in document


def to_wire(
    statement: Statement, uri: str, actor_uri: str, published: int, updated: int, language: str
) -> Document:
    """The statement in full text, and its value as data."""
    document = envelope.obj(uri, "Note", actor_uri, "statement", published, updated)
    envelope.told(document, language, lambda tag: _text(statement, tag))
    document["charterStatement"] = statement.to_value()
    return document


def _text(statement: Statement, language: str) -> str:
    """The statement as HTML for people, in one language."""
    text = charter(statement.charter)
    labels = {level.id: pick(level.label, language)[1] for level in text.levels}
    counted = Counter(item.level for item in statement.commitments)
    parts = [
        f"<p>{escape(_opening(statement, language))} "
        + escape(", ".join(f"{n} {labels[level]}" for level, n in counted.most_common()))
        + ".</p>"
    ]
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
    return "".join(parts)


def _opening(statement: Statement, language: str) -> str:
    text = charter(statement.charter)
    return _OPENING[language].format(
        title=pick(text.title, language)[1],
        version=statement.charter,
        declared=dates.day(date.fromisoformat(statement.declared), language),
        until=dates.day(date.fromisoformat(statement.valid_until), language),
    )


def _line(title: str, item: Declared, labels: Mapping[str, str], language: str) -> str:
    _, explanation = pick(item.explanation, language)
    said = f" — {escape(explanation)}" if explanation else ""
    evidence = "".join(f" {html.link(url)}" for url in item.evidence)
    return f"<li>{escape(title)} : {escape(labels[item.level])}{said}{evidence}</li>"


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
