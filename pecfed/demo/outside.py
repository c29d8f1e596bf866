"""The hub as anybody sees it: its public API and its pages, never its database."""

from __future__ import annotations

import asyncio
import html
import json
import re
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from pecfed.demo.community import Community, Item
from pecfed.domain.content import Content, kind_of
from pecfed.domain.event import Event
from pecfed.domain.resource import Resource
from pecfed.domain.text import pick
from pecfed.domain.wanted import Change
from pecfed.errors import PecfedError
from pecfed.federation.client import Client

MOST_NAMED = 8
LANGUAGE = "en"
LISTS = {"event": "events", "resource": "resources"}
_TAG = re.compile(r"<[^>]*>")


class NotArrivedError(PecfedError):
    """Something didn't reach the hub's public side in time."""

    code = "not_arrived"


async def until(
    missing: Callable[[], Awaitable[Sequence[str]]], *, seconds: float, pause: float, what: str
) -> None:
    """Ask again and again, with pauses, until nothing is missing.

    Raises:
        NotArrivedError: after `seconds` something still is; the message names it.
    """
    end = time.monotonic() + seconds
    while names := await missing():
        if time.monotonic() > end:
            more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
            raise NotArrivedError(
                f"{what} within {seconds:.0f} s: {', '.join(names[:MOST_NAMED])}{more}"
            )
        await asyncio.sleep(pause)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the hub's API lists, whole."""

    members: Sequence[Mapping[str, Any]]
    events: Sequence[Mapping[str, Any]]
    resources: Sequence[Mapping[str, Any]]

    def standings(self) -> dict[str, str]:
        """The standing of each member, by its handle's name."""
        return {
            item["id"].partition("@")[0]: item["standing"]
            for item in self.members
            if item["membership"] == "member"
        }

    def figures(self) -> dict[str, int]:
        """How many members, invited, statements, events and resources."""
        states = [item["membership"] for item in self.members]
        return {
            "members": states.count("member"),
            "invited": states.count("invited"),
            "statements": sum(item["statement"] is not None for item in self.members),
            "events": len(self.events),
            "resources": len(self.resources),
        }

    def items(self) -> set[Item]:
        """Every event and resource."""
        return {
            (kind, item["member"], item["uid"])
            for kind, listed in (("event", self.events), ("resource", self.resources))
            for item in listed
        }


class Outside:
    """A visitor of the hub at `base`."""

    def __init__(self, client: Client, base: str) -> None:
        self._client = client
        self._base = base

    async def seen(self) -> Seen:
        """The three listings of the API."""
        return Seen(
            await self._listing("members"),
            await self._listing("events"),
            await self._listing("resources"),
        )

    async def missing(self, community: Community, seen: Seen) -> list[str]:
        """What the first act has yet to bring: to the API, and when that has all, to the pages."""
        lacking = [f"{kind} {uid} of {who}" for kind, who, uid in community.items() - seen.items()]
        standing = {item["id"]: item for item in seen.members}
        for part in community.members:
            entry = standing.get(part.handle)
            if entry is None or entry["membership"] != "member":
                lacking.append(f"member {part.handle}")
            elif entry["statement"] is None:
                lacking.append(f"statement of {part.handle}")
        lacking += [
            f"invited {each.slug}" for each in community.invited if each.slug not in standing
        ]
        return sorted(lacking) or await self._not_on_pages(community)

    async def awaits(self, change: Change, handle: str) -> list[str]:
        """What a change of the second act has yet to reach: the API, the page, both or none."""
        listed = LISTS[change.kind]
        item = next(
            (
                item
                for item in await self._listing(listed)
                if (item["member"], item["uid"]) == (handle, change.uid)
            ),
            None,
        )
        page = await self._page(f"/{listed}")
        if change.after is None:
            assert change.before is not None
            in_api, on_page = item is None, _name(change.before.content) not in page
        else:
            in_api = item is not None and _is(item, change.after)
            on_page = _name(change.after) in page and _description(change.after) in page
        return [
            f"{change.kind} {change.uid} ({place})"
            for place, there in (("API", in_api), (f"page /{listed}", on_page))
            if not there
        ]

    async def not_standing(self, wanted: Mapping[str, str]) -> list[str]:
        """Whose standing isn't yet what it must be, in the API and on its page."""
        shown = {item["id"]: item["standing"] for item in await self._listing("members")}
        lacking = [
            f"{handle} is {shown.get(handle, 'not there')}, not {standing}"
            for handle, standing in wanted.items()
            if shown.get(handle) != standing
        ]
        if lacking:
            return lacking
        for handle, standing in wanted.items():
            page = await self._get(f"/{LANGUAGE}/members/{handle}", "text/html")
            if f'class="badge {standing}"' not in page.decode():
                lacking.append(f"{handle} is not {standing} on its page")
        return lacking

    async def _not_on_pages(self, community: Community) -> list[str]:
        """The names that the hub's pages don't show."""
        names: dict[str, set[str]] = {listed: set() for listed in LISTS.values()}
        for part in community.parts:
            for content in part.wanted.contents:
                if isinstance(content, Event | Resource):
                    names[LISTS[kind_of(content)]].add(_name(content))
        names["members"] = {_words(part.title) for part in community.members}
        names["members"] |= {_words(each.profile.name) for each in community.invited}
        found = []
        for listed, wanted in names.items():
            page = await self._page(f"/{listed}")
            found += [f"{name!r} on /{listed}" for name in sorted(wanted) if name not in page]
        return found

    async def _listing(self, name: str) -> list[Mapping[str, Any]]:
        """A listing from its first page to its last."""
        items: list[Mapping[str, Any]] = []
        cursor: str | None = ""
        while cursor is not None:
            path = f"/api/v1/{name}?limit=200" + (f"&cursor={quote(cursor)}" if cursor else "")
            page = json.loads(await self._get(path, "application/json"))
            items += page["items"]
            cursor = page["next"]
        return items

    async def _page(self, path: str) -> str:
        """What a person reads on a page, in English."""
        text = (await self._get(f"/{LANGUAGE}{path}", "text/html")).decode()
        return _words(html.unescape(_TAG.sub(" ", text)))

    async def _get(self, path: str, accept: str) -> bytes:
        answer = await self._client.get(self._base + path, {"Accept": accept})
        if answer.status != 200:
            raise NotArrivedError(f"the hub answered {answer.status} for {path}")
        return answer.body


def _words(text: str) -> str:
    """A text with one blank between its words."""
    return " ".join(text.split())


def _name(content: Content) -> str:
    assert isinstance(content, Event | Resource)
    return _words(pick(content.name, LANGUAGE)[1])


def _description(content: Content) -> str:
    assert isinstance(content, Event | Resource)
    return _words(pick(content.description, LANGUAGE)[1])


def _is(item: Mapping[str, Any], content: Content) -> bool:
    """Whether an item of the API is that content as it is now."""
    assert isinstance(content, Event | Resource)
    return (
        item["name_map"] == dict(content.name)
        and item["description_map"] == dict(content.description)
        and (not isinstance(content, Resource) or item["version"] == (content.version or None))
    )
