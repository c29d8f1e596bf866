"""The items of JSON listings, the same in the public API and in the CLI.

Names are camelCase where ActivityStreams has them (`startTime`) and as in the apply
file elsewhere (`legal_form`). What isn't known is null, never left out. Texts by
language are given twice: in one language, and all of them under `…_map`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from pecfed import clock
from pecfed.domain.article import Article
from pecfed.domain.event import Event
from pecfed.domain.resource import Resource
from pecfed.domain.statement import digest
from pecfed.domain.text import Texts, pick
from pecfed.store.directory import Entry, Listed
from pecfed.store.liveness import Life
from pecfed.store.paging import Page

MAX_URL = 2048


def web_url(value: str | None) -> str | None:
    """An address that a reader may follow as it is, or None.

    Only http and https, with a host, without a user name or anything that could end
    the attribute or the line it is written in. A host in letters beyond ASCII is
    written in its `xn--` form, so that a look-alike shows.
    """
    if not value or len(value) > MAX_URL:
        return None
    if any(c <= " " or c in '\\"<>' or "\x7f" <= c <= "\xa0" or not c.isprintable() for c in value):
        return None
    try:
        parts = urlsplit(value)
        host, port = parts.hostname, parts.port
        if parts.scheme not in {"http", "https"} or not host or "@" in parts.netloc:
            return None
        if host.isascii():
            return value
        ascii_host = host.encode("idna").decode("ascii")
    except (ValueError, UnicodeError):
        return None
    return parts._replace(netloc=f"{ascii_host}:{port}" if port else ascii_host).geturl()


def web_urls(values: Sequence[str]) -> list[str]:
    """Those of the addresses that a reader may follow."""
    return [url for url in map(web_url, values) if url]


def listing(page: Page[Any], items: list[dict[str, Any]]) -> dict[str, Any]:
    """One page of a listing; `next` is the cursor of the page after it, or null."""
    return {"items": items, "total": page.total, "next": page.next}


def member_handle(entry: Entry) -> str | None:
    """name@host of an entry, or None while it is only invited."""
    return entry.member.slug if entry.member.uri else None


def member_page(base: str, slug: str) -> str:
    """The directory's page about a member; `base` is the hub's address without a slash."""
    return f"{base}/members/{quote(slug, safe='@:')}"


def member_item(
    entry: Entry, *, language: str, base: str, commitments: bool = False
) -> dict[str, Any]:
    """A member or an invited organisation.

    `id` is its name in the directory, for `/members/ID`; `commitments` adds the
    statement's explanations and evidence.
    """
    member, profile = entry.member, entry.member.profile
    updated = max(member.changed_at, entry.statement.updated_at if entry.statement else 0)
    return {
        "id": member.slug,
        "uri": member.uri,
        "handle": member_handle(entry),
        "name": member.name,
        "url": web_url(profile.url),
        "page": member_page(base, member.slug),
        "membership": member.state,
        "standing": entry.standing,
        "standing_because": entry.because or None,
        "source": web_urls(member.source),
        "statement": _statement(entry, commitments=commitments),
        "liveness": life_item(entry.life),
        "summary": _one(profile.summary, language),
        "summary_map": dict(profile.summary),
        "sectors": list(profile.sectors),
        "legal_form": profile.legal_form or None,
        "languages": list(profile.languages),
        "location": profile.place.to_data() if profile.place else None,
        "updated": clock.stamp(clock.from_ms(updated)),
    }


def life_item(life: Life | None) -> dict[str, Any] | None:
    """How alive an entry is; null before anybody looked. Times are UTC, null for never."""
    if life is None:
        return None
    seen = life.signs.seen_at
    return {
        "state": life.state,
        "seen": clock.stamp(clock.from_ms(seen)) if seen else None,
        "affirmed": clock.stamp(clock.from_ms(life.signs.affirmed_at)),
        "archived": life.archived_on or None,
        "closed": life.is_closed,
        "successor": web_url(life.successor),
    }


def _statement(entry: Entry, *, commitments: bool) -> dict[str, Any] | None:
    declared, stored = entry.declared, entry.statement
    if declared is None or stored is None:
        return None
    value = declared.to_value()
    found: dict[str, Any] = {
        "uri": stored.uri,
        "digest": digest(value),
        "charter": declared.charter,
        "declared": declared.declared,
        "validUntil": declared.valid_until,
        "levels": {item.commitment: item.level for item in declared.commitments},
    }
    if commitments:
        found["commitments"] = [
            {
                **item,
                "explanation": item.get("explanation", {}),
                "evidence": web_urls(item.get("evidence", [])),
            }
            for item in value["commitments"]
        ]
    return found


def publisher(listed: Listed, own: Mapping[str, str]) -> str:
    """The directory's name of who published something; `own` has our actors' handles by uri."""
    if listed.member:
        return listed.member.slug
    return own.get(listed.stored.actor_uri, listed.stored.actor_uri)


def event_item(listed: Listed, *, language: str, own: Mapping[str, str]) -> dict[str, Any]:
    """An event; times are ISO 8601 with the event's own offset.

    An all-day event ends at the midnight after its last day.
    """
    event = listed.stored.content
    assert isinstance(event, Event)
    return {
        "uri": listed.stored.uri,
        "uid": event.uid,
        "member": publisher(listed, own),
        "name": _one(event.name, language),
        "name_map": dict(event.name),
        "description": _one(event.description, language),
        "description_map": dict(event.description),
        "kind": event.kind,
        "startTime": event.start.isoformat(),
        "endTime": event.end.isoformat() if event.end else None,
        "allDay": event.all_day,
        "timezone": event.timezone or None,
        "deadline": event.deadline.isoformat() if event.deadline else None,
        "location": event.place.to_data() if event.place else None,
        "onlineUrl": web_url(event.online_url),
        "status": event.status,
        "url": web_url(event.url) or web_url(listed.stored.url),
        "workingGroup": event.working_group or None,
        "source": web_urls(event.source),
        "tags": list(event.tags),
        "updated": clock.stamp(clock.from_ms(listed.stored.updated_at)),
    }


def resource_item(listed: Listed, *, language: str, own: Mapping[str, str]) -> dict[str, Any]:
    """A resource; `license` is null where it isn't known, `url` where the thing itself is."""
    resource = listed.stored.content
    assert isinstance(resource, Resource)
    return {
        "uri": listed.stored.uri,
        "uid": resource.uid,
        "member": publisher(listed, own),
        "name": _one(resource.name, language),
        "name_map": dict(resource.name),
        "description": _one(resource.description, language),
        "description_map": dict(resource.description),
        "kind": resource.kind,
        "license": resource.license or None,
        "openness": resource.openness,
        "url": web_url(resource.url),
        "version": resource.version or None,
        "languages": list(resource.languages),
        "released": resource.released or None,
        "authors": list(resource.authors),
        "workingGroup": resource.working_group or None,
        "source": web_urls(resource.source),
        "tags": list(resource.tags),
        "updated": clock.stamp(clock.from_ms(listed.stored.updated_at)),
    }


def article_item(listed: Listed, *, language: str, own: Mapping[str, str]) -> dict[str, Any]:
    """What a member wrote with software of its own; `url` is the page of the original."""
    article = listed.stored.content
    assert isinstance(article, Article)
    url = web_url(article.url) or web_url(listed.stored.uri)
    return {
        "uri": listed.stored.uri,
        "member": publisher(listed, own),
        "kind": article.form,
        "name": _one(article.name, language),
        "name_map": dict(article.name),
        "text": _one(article.text, language),
        "text_map": dict(article.text),
        "language": article.language or None,
        "author": web_url(article.author),
        "mediaType": article.media_type or None,
        "url": url,
        "host": urlsplit(url).netloc if url else None,
        "published": clock.stamp(clock.from_ms(listed.stored.published_at)),
        "updated": clock.stamp(clock.from_ms(listed.stored.updated_at)),
    }


def _one(value: Texts, language: str) -> str | None:
    """A text in one language, or None where there is none at all."""
    return pick(value, language)[1] or None
