"""What others ask to find our actors: WebFinger (RFC 7033), host-meta, NodeInfo (FEP-0151)."""

from __future__ import annotations

from urllib.parse import urlsplit
from xml.sax.saxutils import quoteattr

from pecfed import __version__
from pecfed.domain.uris import Uris, host_of, origin
from pecfed.errors import NotFoundError, RefusedError
from pecfed.language.wire import Document
from pecfed.settings import Settings
from pecfed.store.actors import LocalActor, Usage

NODEINFO = "http://nodeinfo.diaspora.software/ns/schema/"
VERSIONS = ("2.0", "2.1")


def whom(resource: str, settings: Settings, uris: Uris) -> str:
    """Whom a WebFinger `resource` means: a name for `acct:name@host` or a page, else an actor's id.

    Host and name are taken in any case. The node's own address means its instance
    actor (FEP-d556).

    Raises:
        RefusedError: 400, it can't be read.
        NotFoundError: it is about another host.
    """
    if resource.lower().startswith("acct:"):
        name, at, host = resource[5:].lower().partition("@")
        if not at or not name or not host:
            raise RefusedError("resource: write acct:NAME@HOST", status=400, code="bad_resource")
        if host not in {settings.host, settings.handles_host}:
            raise NotFoundError("that handle is not on this node")
        return name
    if not origin(resource):
        raise RefusedError(
            "resource: write acct:NAME@HOST, or the address of an actor",
            status=400,
            code="bad_resource",
        )
    if host_of(resource) != settings.host:
        raise NotFoundError("that address is not on this node")
    path = urlsplit(resource).path
    if path in {"", "/", "/actor"}:
        return "instance"
    if path.startswith("/@"):
        return path.removeprefix("/@").rstrip("/").lower()
    if path.startswith("/actors/"):
        return uris.actor(path.removeprefix("/actors/").rstrip("/").lower())
    raise NotFoundError("there is no actor at that address")


def webfinger(actor: LocalActor, settings: Settings, uris: Uris) -> Document:
    """The JRD of an actor; `subject` is its handle whatever was asked."""
    return {
        "subject": f"acct:{actor.username}@{settings.handles_host}",
        "aliases": list(dict.fromkeys([uris.page(actor.username), actor.uri])),
        "links": [
            {
                "rel": "http://webfinger.net/rel/profile-page",
                "type": "text/html",
                "href": uris.page(actor.username),
            },
            {"rel": "self", "type": "application/activity+json", "href": actor.uri},
        ],
    }


def host_meta(uris: Uris) -> str:
    """The XRD that leads to WebFinger (RFC 6415)."""
    template = quoteattr(f"{uris.base}/.well-known/webfinger?resource={{uri}}")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">\n'
        f'  <Link rel="lrdd" template={template}/>\n'
        "</XRD>\n"
    )


def nodeinfo_links(uris: Uris) -> Document:
    """Where NodeInfo is, and the instance actor (FEP-2677)."""
    links = [{"rel": NODEINFO + v, "href": f"{uris.base}/nodeinfo/{v}"} for v in VERSIONS]
    links.append(
        {"rel": "https://www.w3.org/ns/activitystreams#Application", "href": uris.instance}
    )
    return {"links": links}


def nodeinfo(version: str, settings: Settings, *, name: str, usage: Usage) -> Document:
    """NodeInfo 2.0 or 2.1 (http://nodeinfo.diaspora.software/ns/schema/), with FEP-0151's words."""
    software = {"name": "pecfed", "version": __version__}
    return {
        "version": version,
        "software": software,
        "protocols": ["activitypub"],
        "services": {"inbound": [], "outbound": []},
        "openRegistrations": False,
        "usage": {
            "users": {
                "total": usage.actors,
                "activeMonth": usage.active_month,
                "activeHalfyear": usage.active_half_year,
            },
            "localPosts": usage.posts,
            "localComments": usage.comments,
        },
        "metadata": {"nodeName": name, "role": settings.role, "federation": {"enabled": True}},
    }
