"""Every URL of the site on one screen.

Each row says who may ask; a row that says nothing doesn't load. Of the public ones only the
inboxes and forms keep anything. A page stands at three addresses: bare (the reader's language),
`/fr/…` and `/en/…`; an admin page at one, in the language of the account.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Literal, NamedTuple

from aiohttp import web

from pecfed.domain.account import Role
from pecfed.http import assets, collections, credentials, discovery, health, inbox, media, wire
from pecfed.http import log as log_copy
from pecfed.http.admin import account, contest, enter, item, notices, queue, sign_in, start
from pecfed.http.admin.assessment import (
    commitment,
    endorsements,
    letters,
    overview,
    publish,
    requests,
)
from pecfed.http.admin.guard import guarded, open_to_all
from pecfed.http.api import articles as api_articles
from pecfed.http.api import criteria as api_criteria
from pecfed.http.api import events as api_events
from pecfed.http.api import members as api_members
from pecfed.http.api import resources as api_resources
from pecfed.http.authorized import signed_only
from pecfed.http.language import LANGUAGES
from pecfed.http.pages import (
    about,
    actor,
    articles,
    charter,
    claim,
    criteria,
    events,
    follow,
    goodbye,
    groups,
    home,
    label,
    legal,
    member,
    members,
    my_data,
    resources,
    still_true,
    tags,
)
from pecfed.http.pages import log as log_page
from pecfed.http.pages.object import pinned_page
from pecfed.settings import Settings

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Access = Literal["public", "signed", "unready"] | Role


class Route(NamedTuple):
    """One row: who may ask, where, and who answers; `hub` rows are on a hub only.

    `signed` rows are public, too, unless the setting `authorized_fetch` is on. In `ADMIN` a
    row names the least role, or `unready`: whoever is signed in, even if their account has
    nothing to sign in by yet. `confirm`: a second factor within five minutes, for what
    changes trust.
    """

    access: Access
    path: str
    handler: Handler
    hub: bool = False
    method: str = "GET"
    confirm: bool = False


# fmt: off
PAGES: tuple[Route, ...] = (
    Route("public", "/",                      home.home_page),
    Route("public", "/@{name}",               actor.actor_page),
    Route("public", "/follow",                follow.follow_page),
    Route("public", "/follow",                follow.follow,             method="POST"),
    Route("public", "/goodbye/{token}",       goodbye.goodbye_page),
    Route("public", "/goodbye/{token}",       goodbye.goodbye,           method="POST"),
    Route("public", "/legal",                 legal.legal_page),
    Route("public", "/my-data",               my_data.my_data_page),
    Route("public", "/my-data",               my_data.begin,             method="POST"),
    Route("public", "/my-data/{secret}",      my_data.question_page),
    Route("public", "/my-data/{secret}",      my_data.act,               method="POST"),
    Route("public", "/tags/{tag}",            tags.tag_page),
    Route("public", "/members",               members.members_page,      hub=True),
    Route("public", "/members/{slug}",        member.member_page,        hub=True),
    Route("public", "/members/{slug}/claim",  claim.claim_page,          hub=True),
    Route("public", "/members/{slug}/claim",  claim.look,                hub=True, method="POST"),
    Route("public", "/members/{slug}/take-off", claim.claim_page,        hub=True),
    Route("public", "/members/{slug}/take-off", claim.look,              hub=True, method="POST"),
    Route("public", "/still-true/{token}",    still_true.still_true_page, hub=True),
    Route("public", "/still-true/{token}",    still_true.answer,         hub=True, method="POST"),
    Route("public", "/events",                events.events_page,        hub=True),
    Route("public", "/resources",             resources.resources_page,  hub=True),
    Route("public", "/articles",              articles.articles_page,    hub=True),
    Route("public", "/groups",                groups.groups_page,        hub=True),
    Route("public", "/label/{slug}",          label.label_page,          hub=True),
    Route("public", "/charter",               charter.charter_page,      hub=True),
    Route("public", "/criteria",              criteria.criteria_page,    hub=True),
    Route("public", "/log",                   log_page.log_page,         hub=True),
    Route("public", "/about",                 about.about_page,          hub=True),
)
# Pages whose bare address belongs to the wire, which hands people on to them.
PINNED: tuple[Route, ...] = (
    Route("public", "/objects/{id}",          pinned_page),
    Route("public", "/directory",             members.directory_page,    hub=True),
)
API: tuple[Route, ...] = (
    Route("public", "/api/v1/members",        api_members.list_members,  hub=True),
    Route("public", "/api/v1/members/{slug}", api_members.one_member,    hub=True),
    Route("public", "/api/v1/events",         api_events.list_events,    hub=True),
    Route("public", "/api/v1/resources",      api_resources.list_resources, hub=True),
    Route("public", "/api/v1/articles",       api_articles.list_articles, hub=True),
    Route("public", "/api/v1/criteria",       api_criteria.show_criteria, hub=True),
)
# ---- ADMIN: what people do here who have an account (http/admin/guard.py) ---------
ADMIN: tuple[Route, ...] = (
    Route("public",   "/admin/enter/{secret}",    enter.enter_page),
    Route("public",   "/admin/enter",             enter.enter,             method="POST"),
    Route("public",   "/admin/sign-in",           sign_in.sign_in_page),
    Route("public",   "/admin/sign-in",           sign_in.sign_in,         method="POST"),
    Route("public",   "/admin/challenge",         sign_in.challenge,       method="POST"),
    Route("unready",  "/admin/sign-out",          sign_in.sign_out,        method="POST"),
    Route("observer", "/admin",                   start.start_page),
    Route("observer", "/admin/queue",             queue.queue_page),
    Route("reviewer", "/admin/queue/decide",      queue.decide_many,
          method="POST", confirm=True),
    Route("observer", "/admin/queue/{id}",        item.item_page),
    Route("reviewer", "/admin/queue/{id}/decide", item.decide,
          method="POST", confirm=True),
    Route("reviewer", "/admin/queue/{id}/undo",   item.undo,               method="POST"),
    Route("reviewer", "/admin/queue/{id}/note",   item.note,               method="POST"),
    Route("reviewer", "/admin/queue/{id}/look",   item.look,               method="POST"),
    Route("observer", "/admin/notices",           notices.notices_page),
    Route("observer", "/admin/notices/read",      notices.read_them,       method="POST"),
    Route("observer", "/admin/contest",           contest.contest_page),
    Route("operator", "/admin/contest",           contest.contest,         method="POST"),
    Route("observer", "/admin/notices/mail",      notices.set_mail,        method="POST"),
    Route("unready",  "/admin/account",           account.account_page),
    Route("unready",  "/admin/account/language",  account.set_language,    method="POST"),
    Route("unready",  "/admin/account/codes",     account.begin_password,
          method="POST", confirm=True),
    Route("unready",  "/admin/account/password",  account.set_password,    method="POST"),
    Route("observer", "/admin/account/password/remove", account.remove_password,
          method="POST", confirm=True),
    Route("unready",  "/admin/account/passkeys/options", account.passkey_options, method="POST"),
    Route("unready",  "/admin/account/passkeys",  account.add_passkey,
          method="POST", confirm=True),
    Route("observer", "/admin/account/passkeys/remove", account.remove_passkey,
          method="POST", confirm=True),
    Route("observer", "/admin/account/sessions/end", account.end_others,
          method="POST", confirm=True),
    Route("observer", "/admin/assessment",        overview.choose_page),
    Route("observer", "/admin/assessment/{name}", overview.overview_page),
    Route("observer", "/admin/assessment/{name}/commitments/{commitment}",
          commitment.commitment_page),
    Route("operator", "/admin/assessment/{name}/commitments/{commitment}", commitment.save,
          method="POST"),
    Route("observer", "/admin/assessment/{name}/publish", publish.publish_page),
    Route("operator", "/admin/assessment/{name}/publish", publish.publish,  method="POST"),
    Route("operator", "/admin/assessment/{name}/until", publish.choose_end, method="POST"),
    Route("operator", "/admin/assessment/{name}/discard", publish.discard,  method="POST"),
    Route("operator", "/admin/assessment/{name}/catch-up", publish.catch_up, method="POST"),
    Route("observer", "/admin/assessment/{name}/charter.toml", publish.charter_file),
    Route("operator", "/admin/assessment/{name}/letters/{letter}/answer", letters.answer,
          method="POST"),
    Route("operator", "/admin/assessment/{name}/letters/{letter}/settle", letters.settle,
          method="POST"),
    Route("observer", "/admin/assessment/{name}/endorsements", endorsements.asking_page),
    Route("operator", "/admin/assessment/{name}/endorsements", endorsements.ask, method="POST"),
    Route("observer", "/admin/requests",          requests.requests_page),
    Route("observer", "/admin/requests/{letter}", requests.request_page),
    Route("operator", "/admin/requests/{letter}/endorse", requests.endorse,
          method="POST", confirm=True),
    Route("operator", "/admin/requests/{letter}/put-aside", requests.put_aside, method="POST"),
)
# ---- WIRE: what other servers ask and send ----------------------------------------
WIRE: tuple[Route, ...] = (
    Route("public", "/.well-known/webfinger", discovery.webfinger),
    Route("public", "/.well-known/host-meta", discovery.host_meta),
    Route("public", "/.well-known/nodeinfo",  discovery.nodeinfo_links),
    Route("public", "/nodeinfo/{version}",    discovery.nodeinfo),
    Route("public", "/ns/v1",                 discovery.vocabulary),
    Route("public", "/ns/credentials/v1",     discovery.credentials_context),
    Route("public", "/actor",                 wire.actor),
    Route("signed", "/actors/{name}",         wire.actor),
    Route("signed", "/actor/{collection}",    collections.collection),
    Route("signed", "/actors/{name}/{collection}", collections.collection),
    Route("signed", "/objects/{id}",          wire.obj),
    Route("signed", "/objects/{id}/{collection}", collections.about_object),
    Route("signed", "/activities/{id}",       wire.activity),
    Route("public", "/log.jsonl",             log_copy.copy,                 hub=True),
    Route("public", "/log/head.json",         log_copy.head,                 hub=True),
    Route("public", "/credentials/{id}",      credentials.one),
    Route("public", "/credentials/status/{number}", credentials.status),
    Route("public", "/label/{slug}.json",     credentials.label_json,    hub=True),
    Route("public", "/label/{slug}.svg",      credentials.label_badge,   hub=True),
    Route("public", "/label/{slug}/statement", credentials.label_statement, hub=True),
    Route("signed", "/directory",             collections.directory,     hub=True),
    Route("public", "/inbox",                 inbox.inbox,               method="POST"),
    Route("public", "/actor/inbox",           inbox.inbox,               method="POST"),
    Route("public", "/actors/{name}/inbox",   inbox.inbox,               method="POST"),
    Route("public", "/media/{name}",          media.picture),
    Route("public", "/healthz",               health.alive),
    Route("public", "/readyz",                health.ready),
)
# -----------------------------------------------------------------------------------
# fmt: on


def add_routes(app: web.Application, settings: Settings) -> None:
    """Register every address that this node answers."""
    router = app.router
    for route in (*WIRE, *API, *PAGES):
        if settings.is_hub or not route.hub:
            handler = route.handler
            if route.access == "signed" and settings.authorized_fetch:
                handler = signed_only(handler)
            _add(router, route.method, route.path, handler)
    for route in ADMIN:
        if settings.is_hub or not route.hub:
            _add(router, route.method, route.path, _admin(route))
    for route in (*PAGES, *PINNED):
        if settings.is_hub or not route.hub:
            for language in LANGUAGES:
                _add(router, route.method, f"/{language}{route.path}", route.handler)
    for language in LANGUAGES:
        router.add_get(f"/{language}", _to_front)
    for asset in assets.assets().values():
        router.add_get(asset.path, assets.serve)


def _admin(route: Route) -> Handler:
    """The handler of an admin row behind its guard."""
    if route.access == "public":
        return open_to_all(route.handler)
    assert route.access != "signed"
    unready = route.access == "unready"
    least: Role = "observer" if route.access == "unready" else route.access
    return guarded(least, route.handler, asks=route.confirm, unready=unready)


def _add(router: web.UrlDispatcher, method: str, path: str, handler: Handler) -> None:
    """Register one address; what may be read may be asked for its head alone."""
    if method == "GET":
        router.add_get(path, handler)
    else:
        router.add_route(method, path, handler)


async def _to_front(request: web.Request) -> web.Response:
    """`/fr` is `/fr/`."""
    return web.Response(status=308, headers={"Location": f"{request.path}/"})
