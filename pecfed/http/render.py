"""Pages out of templates: one Jinja environment, and what every page is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC
from functools import cache, partial
from typing import Any
from urllib.parse import quote, urlencode

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined

from pecfed import __version__, clock
from pecfed.domain import hashtag
from pecfed.domain.picture import Picture
from pecfed.domain.text import Texts, pick
from pecfed.errors import StoreError
from pecfed.exports.items import web_url
from pecfed.http import dates, sanitise
from pecfed.http.appkeys import DATABASE, SETTINGS
from pecfed.http.assets import assets
from pecfed.http.language import LANGUAGES, Choice, choose, counted, named, word
from pecfed.http.site import Site, read_site
from pecfed.language.charter import charter
from pecfed.language.criteria import reasons
from pecfed.language.lists import labels
from pecfed.store.objects import Stored

ACTIVITY = "application/activity+json"
LANGUAGE: web.RequestKey[str] = web.RequestKey("language", str)
"""Where a request holds the language of the account that asks."""


@cache
def environment() -> Environment:
    """The templates, every value escaped and every unknown name an error."""
    made = Environment(
        loader=PackageLoader("pecfed.http", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=64,
    )
    made.filters |= {
        "paragraphs": sanitise.paragraphs,
        "href": web_url,
        "shown": sanitise.shown,
        "host": sanitise.host,
    }
    made.globals |= {"version": __version__, "rel": sanitise.REL, "activity": ACTIVITY}
    return made


@cache
def _tools(language: str) -> Mapping[str, Callable[..., Any]]:
    """What templates call to write in a language."""
    return {
        "t": partial(word, language),
        "n": partial(counted, language),
        "language_name": partial(named, language, "languages"),
        "country_name": partial(named, language, "countries"),
        "pick": lambda value: pick(value, language),
        "label": lambda name, id_: _label(labels(name).get(id_), id_, language),
        "options": lambda name: [
            (id_, _label(label, id_, language)) for id_, label in labels(name).items()
        ],
        "level": lambda id_: _name("levels", id_, language),
        "group": lambda id_: _name("working_groups", id_, language),
        "reason": lambda id_: _label(reasons().get(id_), id_, language),
        "principle_name": lambda id_: _name("principles", id_, language),
        "span": lambda event: dates.span(event, language),
        "moment": lambda value, zone: dates.moment(value, zone, language),
        "rough_day": lambda value: dates.rough_day(value, language),
        "day_of": lambda ms: dates.day(clock.from_ms(ms).date(), language),
        "iso_of": lambda ms: clock.from_ms(ms).astimezone(UTC).isoformat(timespec="seconds"),
        "machine": dates.machine,
        "deadline_over": lambda moment: moment < clock.now(),
    }


def _label(label: Texts | None, id_: str, language: str) -> str:
    return pick(label, language)[1] if label else id_


def _name(part: str, id_: str, language: str) -> str:
    """The name of a level, group or principle of the charter, or the id where it has none."""
    text = charter()
    for level in text.levels if part == "levels" else ():
        if level.id == id_:
            return pick(level.label, language)[1]
    for group in text.working_groups if part == "working_groups" else ():
        if group.id == id_:
            return pick(group.name, language)[1]
    for principle in text.principles if part == "principles" else ():
        if principle.id == id_:
            return pick(principle.title, language)[1]
    return id_


def group_options(language: str) -> list[tuple[str, str]]:
    """The working groups to choose from."""
    return [(group.id, pick(group.name, language)[1]) for group in charter().working_groups]


def chosen(request: web.Request) -> Choice:
    """The language that this request is answered in: of the account, where one is signed in."""
    choice = choose(request, request.app[SETTINGS].language)
    own = request.get(LANGUAGE)
    return choice._replace(language=own) if own else choice


def member_path(slug: str) -> str:
    """The path of a member's page."""
    return f"/members/{quote(slug, safe='@:')}"


def tag_path(tag: str) -> str:
    """The path of a hashtag's page."""
    return f"/tags/{quote(hashtag.key(tag))}"


def object_path(settings_url: str, stored: Stored) -> str | None:
    """The path of an object's page where it is ours, else None."""
    if stored.actor_id is None or not stored.uri.startswith(f"{settings_url}/"):
        return None
    return stored.uri.removeprefix(settings_url)


def own_picture(settings_url: str, picture: Picture) -> str:
    """The path of a picture that this node serves itself; "" for any other, which isn't shown."""
    url = picture.url
    return url.removeprefix(settings_url) if url.startswith(f"{settings_url}/media/") else ""


def _links(request: web.Request, choice: Choice) -> dict[str, Any]:
    """The addresses of this page in each language, and how to link within the site."""
    url = request.app[SETTINGS].url
    query = f"?{request.rel_url.raw_query_string}" if request.rel_url.raw_query_string else ""
    return {
        "lang": choice.language,
        "path": lambda path: choice.prefix + path,
        "here": choice.path,
        "with_query": lambda values: (
            choice.prefix + choice.path + (f"?{urlencode(values)}" if values else "")
        ),
        "switch": [
            (tag, f"/{tag}{choice.path}{query}") for tag in LANGUAGES if tag != choice.language
        ],
        "alternates": [
            *((tag, f"{url}/{tag}{choice.path}{query}") for tag in LANGUAGES),
            ("x-default", f"{url}{choice.path}{query}"),
        ],
    }


async def _site(request: web.Request) -> Site:
    """Who speaks here; a page about a broken database still has a head."""
    settings = request.app[SETTINGS]
    try:
        return await request.app[DATABASE].read(lambda session: read_site(session, settings))
    except StoreError:
        return Site(settings, [])


async def page(
    request: web.Request,
    template: str,
    *,
    status: int = 200,
    site: Site | None = None,
    activity_uri: str | None = None,
    negotiated: bool = False,
    noindex: bool = False,
    **context: Any,
) -> web.Response:
    """A page in the reader's language.

    `activity_uri` is the ActivityPub id of what the page shows: it stands in the head
    and in a `Link` header, so that Fediverse servers find it from the page's address.
    `negotiated` says that ActivityPub clients get something else at the same address,
    `noindex` that search engines are asked to pass the page over.
    """
    settings, choice = request.app[SETTINGS], chosen(request)
    shown_site = site or await _site(request)
    body = (
        environment()
        .get_template(template)
        .render(
            **_tools(choice.language),
            **_links(request, choice),
            site=shown_site,
            settings=settings,
            is_hub=settings.is_hub,
            css=assets()["site.css"].path,
            icon=assets()["icon.svg"].path,
            asset=lambda name: assets()[name].path,
            member_path=member_path,
            tag_path=tag_path,
            object_path=lambda stored: object_path(settings.url, stored),
            activity_uri=activity_uri,
            noindex=noindex,
            ours=lambda picture: own_picture(settings.url, picture),
            **context,
        )
    )
    headers = {"Content-Language": choice.language, "Cache-Control": "no-cache"}
    varies = ["Accept"] * negotiated + ["Accept-Language"] * (not choice.pinned)
    if varies:
        headers["Vary"] = ", ".join(varies)
    if activity_uri is not None:
        headers["Link"] = f'<{activity_uri}>; rel="alternate"; type="{ACTIVITY}"'
    return web.Response(
        text=body, status=status, content_type="text/html", charset="utf-8", headers=headers
    )
