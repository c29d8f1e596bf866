"""A shared resource: a Note complete in itself, with its data in `resource`."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from pecfed.domain.hashtag import carried
from pecfed.domain.resource import Resource
from pecfed.domain.text import clean, pick, shared
from pecfed.errors import RefusedError
from pecfed.federation import envelope, html
from pecfed.federation.pictures import read_picture, write_picture
from pecfed.language.lists import labels
from pecfed.language.schema import is_valid
from pecfed.language.wire import Document

MOST = 1500
"""Characters of a description that stand in the post; all of it is in `resource`."""
WORDS = {
    "fr": {
        "opening": "Nous partageons :",
        "version": "version {version}",
        "license": "licence {license}",
        "unknown": "licence non indiquée",
    },
    "en": {
        "opening": "We share:",
        "version": "version {version}",
        "license": "licence {license}",
        "unknown": "licence not stated",
    },
}


def recognises(document: Mapping[str, Any]) -> bool:
    """Whether a document is a Note with a resource."""
    return document.get("type") == "Note" and "resource" in document


def to_wire(
    resource: Resource, uri: str, actor_uri: str, published: int, updated: int, language: str
) -> Document:
    """The resource in full text, and its data."""
    document = envelope.obj(uri, "Note", actor_uri, "resource", published, updated)
    written = shared(resource.name, resource.description) or tuple(resource.name)
    main, _ = pick({tag: tag for tag in written}, language)
    tags = carried(resource, main)
    envelope.told(document, main, written, lambda tag: _text(resource, tag), tags)
    if resource.picture:
        document["attachment"].append(write_picture(resource.picture, main))
    value = {
        "uid": resource.uid,
        "name": dict(resource.name),
        "description": dict(resource.description),
        "kind": resource.kind,
        "license": resource.license or None,
        "openness": resource.openness,
        "url": resource.url,
        "version": resource.version,
        "languages": list(resource.languages),
        "released": resource.released,
        "workingGroup": resource.working_group,
        "authors": list(resource.authors),
        "source": list(resource.source),
    }
    document["resource"] = {
        name: item for name, item in value.items() if name == "license" or item not in ("", {}, [])
    }
    return document


def _text(resource: Resource, language: str) -> str:
    """The resource as HTML for people, in one language."""
    words = WORDS.get(language, WORDS["en"])
    kind = pick(labels("resource_kind")[resource.kind], language)[1]
    openness = pick(labels("openness")[resource.openness], language)[1]
    named = resource.license.removeprefix("LicenseRef-")
    facts = [kind[:1].upper() + kind[1:]]
    if resource.version:
        facts.append(words["version"].format(version=resource.version))
    facts.append(words["license"].format(license=named) if named else words["unknown"])
    facts.append(openness)
    name = escape(pick(resource.name, language)[1])
    return "".join(
        [
            f"<p>{words['opening']} <strong>{name}</strong></p>",
            html.paragraphs(html.clipped(pick(resource.description, language)[1], MOST)),
            f"<p>{escape(' · '.join(facts))}</p>",
            *(f"<p>{html.link(url)}</p>" for url in (resource.url,) if url),
        ]
    )


def from_wire(document: Mapping[str, Any], _actor_uri: str) -> Resource:
    """The resource in a Note.

    Raises:
        RefusedError: it breaks the schema.
    """
    if not is_valid("resource", document):
        raise RefusedError("the resource breaks its schema", status=400, code="schema")
    value = document["resource"]

    def texts(name: str, limit: int) -> dict[str, str]:
        return {tag: clean(text, limit) for tag, text in (value.get(name) or {}).items()}

    return Resource(
        uid=value["uid"],
        name=texts("name", 200),
        description=texts("description", 10_000),
        kind=value["kind"],
        license=value.get("license") or "",
        openness=value.get("openness") or "public",
        url=value.get("url") or "",
        version=clean(value.get("version") or "", 100),
        languages=tuple(value.get("languages") or ()),
        released=value.get("released") or "",
        working_group=value.get("workingGroup") or "",
        authors=tuple(clean(author, 200) for author in value.get("authors") or ()),
        source=tuple(value.get("source") or ()),
        picture=read_picture(document.get("attachment")),
        tags=envelope.tags_of(document, "resource"),
    )
