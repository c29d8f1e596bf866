"""Following from one's own server: where that server asks its user "follow this actor?".

The server says so in its WebFinger: by FEP-3b86 (`Follow`, then the older habit of
Mastodon, `Object`), else by the template of OStatus. What comes back is a link for
somebody to press, never a place that we send anybody to.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from pecfed.domain.handle import Handle
from pecfed.domain.uris import host_of, origin
from pecfed.errors import FetchError, RefusedError
from pecfed.federation.node import Node
from pecfed.federation.webfinger import look_up
from pecfed.settings import is_loopback

RELATIONS: tuple[tuple[str, str], ...] = (
    ("https://w3id.org/fep/3b86/Follow", "object"),
    ("https://w3id.org/fep/3b86/Object", "object"),
    ("http://ostatus.org/schema/1.0/subscribe", "uri"),
)
"""What is looked for, the best first, and the parameter that takes the actor's id."""

SECONDS = 12
_PARAMETER = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Dialogue:
    """Where a server asks its user; `host` is what the link leads to."""

    handle: Handle
    url: str
    host: str


async def find_dialogue(node: Node, text: str, actor_uri: str) -> Dialogue:
    """Where the server of whoever has the handle `text` asks whether to follow an actor.

    Raises:
        RefusedError: with the code `bad_handle`, `own_handle`, `too_many`, `no_account`,
            `no_dialogue` or `unreachable`.
    """
    handle = Handle.read(_handle_in(text))
    if handle is None:
        raise RefusedError("that is no handle", status=400, code="bad_handle")
    if handle.host in {node.settings.host, node.settings.handles_host}:
        raise RefusedError("nobody reads on this node", status=400, code="own_handle")
    if not node.limits.may_look_up(handle.host):
        raise RefusedError("too many look-ups", status=429, code="too_many", retry=True)
    try:
        async with asyncio.timeout(SECONDS):
            account = await look_up(node.client, handle)
    except TimeoutError:
        raise RefusedError("no answer in time", status=502, code="unreachable") from None
    except FetchError as error:
        code = {"no_account": "no_account", "webfinger": "no_dialogue"}.get(error.code)
        status = 404 if code == "no_account" else 502
        raise RefusedError(error.message, status=status, code=code or "unreachable") from None
    hosts = {handle.host, account.handle.host, host_of(account.uri)}
    for relation, parameter in RELATIONS:
        template = account.template(relation)
        url = _filled(template, parameter, actor_uri)
        if url and _may_lead_to(url, hosts, development=node.settings.development):
            return Dialogue(account.handle, url, host_of(url))
    raise RefusedError("the server has no such dialogue", status=502, code="no_dialogue")


def _handle_in(text: str) -> str:
    """What somebody wrote: a handle, or the address of their own page, `https://host/@name`."""
    text = text.strip()
    if not origin(text):
        return text
    path = urlsplit(text).path.rstrip("/")
    return f"{path.removeprefix('/')}@{host_of(text)}" if path.startswith("/@") else ""


def _filled(template: str, parameter: str, value: str) -> str:
    """The template with its parameter, percent-encoded; others stay empty; "" without it."""
    names = _PARAMETER.findall(template)
    if parameter not in names:
        return ""
    safe = quote(value, safe="")
    return _PARAMETER.sub(lambda match: safe if match[1] == parameter else "", template)


def _may_lead_to(url: str, hosts: set[str], *, development: bool) -> bool:
    """Whether a link may be shown: https, and to the server that was asked for, or its actor's.

    A stranger's server mustn't make us show a link to somebody else's site.
    """
    if not origin(url) or host_of(url) not in hosts:
        return False
    loopback = development and is_loopback(urlsplit(url).hostname or "")
    return url.startswith("https://") or loopback
