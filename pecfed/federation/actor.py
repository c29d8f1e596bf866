"""Our actors' documents, and what we read of others' for the directory."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from html import escape, unescape
from typing import Any
from urllib.parse import urlsplit

from pecfed import clock
from pecfed.domain.place import Place
from pecfed.domain.profile import Link, Past, Profile
from pecfed.domain.text import Texts, clean, first
from pecfed.domain.uris import Uris, origin, without_fragment
from pecfed.federation import html
from pecfed.federation.actor_keys import key_properties
from pecfed.federation.capabilities import GENERATOR
from pecfed.federation.envelope import tag_links, tags_of
from pecfed.federation.pictures import read_picture, write_picture
from pecfed.federation.places import read_place, write_place
from pecfed.language import dates
from pecfed.language.cast import card
from pecfed.language.charter import charter
from pecfed.language.context import context
from pecfed.language.lists import labels
from pecfed.language.wire import Document, as_link, one_or_many, parse, text_by_language
from pecfed.services import groups
from pecfed.settings import Settings
from pecfed.store.actors import LocalActor
from pecfed.store.remotes import RemoteActor

_SITE = {"fr": "Site", "en": "Website"}
_CHARTER = {"fr": "Charte PEC", "en": "PEC charter"}
_DECLARED = {"fr": "déclarée, jusqu'au {day}", "en": "declared, until {day}"}
_HREF = re.compile(r'<a [^<>]{0,200}?href="(https?://[^"<>\s]{1,2048})"')
MAX_FIELDS = 50
MAX_LINKS = 8


def document(actor: LocalActor, uris: Uris, settings: Settings) -> Document:
    """An actor of ours as the wire knows it."""
    language = settings.language
    made: Document = {
        "@context": context("actor"),
        "id": actor.uri,
        "type": card(actor.card).type,
        "preferredUsername": actor.username,
        "webfinger": f"{actor.username}@{settings.handles_host}",
        "name": actor.profile.name,
        "url": uris.page(actor.username),
        "inbox": f"{actor.uri}/inbox",
        "outbox": f"{actor.uri}/outbox",
        "followers": f"{actor.uri}/followers",
        "following": f"{actor.uri}/following",
        "generator": GENERATOR,
        "endpoints": {"sharedInbox": uris.shared_inbox},
        "manuallyApprovesFollowers": False,
        "discoverable": False,
        "indexable": False,
        "published": clock.stamp(clock.from_ms(actor.created_at)),
        "updated": clock.stamp(clock.from_ms(actor.updated_at)),
        **key_properties(actor),
    }
    if actor.also_known_as:
        made["alsoKnownAs"] = list(actor.also_known_as)
    if actor.moved_to:
        made["movedTo"] = actor.moved_to
    if actor.card == "instance":
        return made
    if actor.card == "hub":
        made["directory"] = uris.directory
        made["workingGroups"] = [uris.actor(each.username) for each in charter().working_groups]
    if actor.card == "group":
        made["workingGroup"] = groups.id_of(actor)
        made["attributedTo"] = f"{actor.uri}/moderators"  # FEP-1b12
    made["featured"] = f"{actor.uri}/featured"
    made["upcomingEvents"] = f"{actor.uri}/events"
    made["discoverable"] = actor.profile.discoverable
    made["indexable"] = actor.profile.indexable
    made |= _describe(actor.uri, actor.profile, language)
    if actor.declared_until:
        made["attachment"].append(charter_field(actor, uris, language))
    return made


def ending(actor: LocalActor, uris: Uris, settings: Settings) -> Document:
    """What is left of an actor's document while the news of its end is under way: its keys."""
    kept = ("@context", "id", "type", "preferredUsername", "inbox", "publicKey", "assertionMethod")
    made = document(actor, uris, settings)
    return {name: made[name] for name in kept}


def _describe(actor_uri: str, profile: Profile, language: str) -> Document:
    """What the profile adds: summary, pictures, fields, place, and our own `profile` property."""
    made: Document = {"attachment": []}
    if profile.summary:
        texts = {
            tag: html.paragraphs(text) for tag, text in first(profile.summary, language).items()
        }
        made["summary"] = next(iter(texts.values()))
        made["summaryMap"] = texts
    for name, picture in (("icon", profile.icon), ("image", profile.banner)):
        if picture:
            made[name] = write_picture(picture, language)
    if profile.tags:
        made["tag"] = tag_links(actor_uri, profile.tags)
        made["featuredTags"] = f"{actor_uri}/tags"
    if profile.url:
        made["attachment"].append(_field(_SITE[language], profile.url))
    for link in profile.links:
        names = first(link.name, language)
        made["attachment"].append(_field(next(iter(names.values())), link.url, names))
    domains = [_domain(url) for url in (profile.url, *(link.url for link in profile.links)) if url]
    if domains:
        made["attributionDomains"] = list(dict.fromkeys(domains))
    if profile.place:
        made["location"] = write_place(profile.place)
    data = profile.to_data()
    value = {
        "legalForm": profile.legal_form,
        "sectors": data["sectors"],
        "languages": data["languages"],
        "history": data["history"],
        "site": profile.url,
    }
    made["profile"] = {name: item for name, item in value.items() if item}
    return made


def _field(name: str, url: str, names: Texts | None = None) -> Document:
    """A link as Mastodon's profiles show it, and tick it when that page links back.

    For the tick the value must be one link and nothing else, its text its very address.
    """
    href = escape(url)
    field: Document = {
        "type": "PropertyValue",
        "name": name,
        "value": f'<a href="{href}" rel="me nofollow noopener">{href}</a>',
    }
    return field | ({"nameMap": dict(names)} if names else {})


def charter_field(actor: LocalActor, uris: Uris, language: str) -> Document:
    """Where the actor stands on the charter, for those who only see its profile."""
    day = dates.day(date.fromisoformat(actor.declared_until), language)
    words = escape(_DECLARED[language].format(day=day))
    page = escape(f"{uris.page(actor.username)}#statement")
    return {
        "type": "PropertyValue",
        "name": _CHARTER[language],
        "value": f'<a href="{page}">{words}</a>',
    }


def _domain(url: str) -> str:
    """The host that may name the actor as an author; Mastodon takes its subdomains with it."""
    return (urlsplit(url).hostname or "").removeprefix("www.")


def profile_of(actor: RemoteActor) -> Profile:
    """What an actor's document says of it, for the directory."""
    return read_profile(parse(actor.document.encode()) if actor.document else {}, actor.name)


def read_profile(document: Mapping[str, Any], name: str) -> Profile:
    """The profile of somebody's actor, for the directory; what can't be read is left out.

    `name` is the actor's name, already made safe.
    """
    value = document.get("profile")
    extra = value if isinstance(value, Mapping) else {}
    summary = text_by_language(document, "summary")
    location = document.get("location")
    known_sectors, known_forms = labels("sector"), labels("legal_form")
    form = extra.get("legalForm")
    return Profile(
        name=name,
        summary={tag[:35]: html.plain(text, 5000) for tag, text in list(summary.items())[:8]},
        url=as_link(extra.get("site")) or as_link(document.get("url")),
        legal_form=form if isinstance(form, str) and form in known_forms else "",
        sectors=tuple(
            s
            for s in one_or_many(extra.get("sectors"))[:20]
            if isinstance(s, str) and s in known_sectors
        ),
        languages=tuple(
            clean(tag, 35)
            for tag in one_or_many(extra.get("languages"))[:20]
            if isinstance(tag, str)
        ),
        place=_place(location),
        history=tuple(
            past for item in one_or_many(extra.get("history"))[:100] if (past := _past(item))
        ),
        tags=tags_of(document, "note"),
        links=_links(document, as_link(extra.get("site"))),
        icon=read_picture(document.get("icon")),
        banner=read_picture(document.get("image")),
        discoverable=document.get("discoverable") is not False,
        indexable=document.get("indexable") is not False,
    )


def _links(document: Mapping[str, Any], site: str) -> tuple[Link, ...]:
    """The links among an actor's fields, without its site and what leads to its own page."""
    page = as_link(document.get("url"))
    found = []
    for field in one_or_many(document.get("attachment"))[:MAX_FIELDS]:
        value = field.get("value") if isinstance(field, Mapping) else None
        match = _HREF.search(value[:4096]) if isinstance(value, str) else None
        url = unescape(match[1]) if match else ""
        if not origin(url) or url == site or (page and without_fragment(url) == page):
            continue
        names = {
            tag[:35]: clean(name, 200) for tag, name in text_by_language(field, "name").items()
        }
        found.append(Link(dict(list(names.items())[:8]), url))
    return tuple(found[:MAX_LINKS])


def _place(location: object) -> Place | None:
    return read_place(location) if isinstance(location, Mapping) else None


def _past(item: object) -> Past | None:
    if not isinstance(item, Mapping) or not isinstance(item.get("date"), str):
        return None
    text = item.get("text")
    texts = {
        str(tag)[:35]: clean(words, 2000)
        for tag, words in (text.items() if isinstance(text, Mapping) else ())
        if isinstance(words, str)
    }
    source = tuple(link for each in one_or_many(item.get("source"))[:20] if (link := as_link(each)))
    return Past(clean(item["date"], 10), texts, source) if texts else None
