"""Reading a hub's public API: who is a member there, and what members say on a commitment.

What comes is a stranger's: bounded, cleaned, and used for nothing but showing it.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit

from pecfed.domain.statement import Declared
from pecfed.domain.text import Texts, clean
from pecfed.errors import FetchError, RefusedError
from pecfed.federation.client import Client
from pecfed.language.wire import Document, parse

SECONDS = 6.0
"""For all of one question; a page waits for it."""
REMEMBERED = 600.0  # seconds
MOST_ANSWERS = 50  # in memory
MOST_LISTED = 100  # entries of one listing
MOST_PAGES = 3
MOST_EXAMPLES = 3
MAX_NAME = 200
MAX_TEXT = 2_000
MAX_LINKS = 5
_SHOWS = ("practised", "in-progress")
"""Levels that others can learn from."""


@dataclass(frozen=True, slots=True)
class ListedMember:
    """A member as a hub lists it; `levels` by commitment, empty without a statement."""

    id: str
    uri: str
    name: str
    standing: str
    statement_uri: str
    digest: str
    levels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Example:
    """What a member says on one commitment; `page` is the hub's page about it."""

    name: str
    page: str
    declared: Declared


class HubApi:
    """The public API of hubs, each answer remembered for ten minutes."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._answers: OrderedDict[str, tuple[float, Document]] = OrderedDict()

    async def members(self, hub_uri: str, words: str = "") -> tuple[ListedMember, ...]:
        """The members that a search finds at a hub, by name; at most a hundred.

        Raises:
            FetchError: the hub doesn't answer as it should.
        """
        async with _in_time(hub_uri):
            found, _ = await self._page(hub_uri, words, "")
        return found

    async def examples(self, hub_uri: str, commitment: str, but: str = "") -> tuple[Example, ...]:
        """What up to three members other than `but` say on a commitment, the best first.

        Raises:
            FetchError: the hub doesn't answer as it should.
        """
        async with _in_time(hub_uri):
            listed = [
                each
                for each in await self._everybody(hub_uri)
                if each.levels.get(commitment) in _SHOWS and each.uri != but
            ]
            listed.sort(
                key=lambda each: (_rank(each.standing), each.levels[commitment] != "practised")
            )
            found = []
            for each in listed[: MOST_EXAMPLES * 2]:
                example = await self._example(hub_uri, each.id, commitment)
                found += [example] if example else []
                if len(found) == MOST_EXAMPLES:
                    break
            return tuple(found)

    async def _everybody(self, hub_uri: str) -> Sequence[ListedMember]:
        found: list[ListedMember] = []
        cursor = ""
        for _ in range(MOST_PAGES):
            part, cursor = await self._page(hub_uri, "", cursor)
            found += part
            if not cursor:
                break
        return found

    async def _page(
        self, hub_uri: str, words: str, cursor: str
    ) -> tuple[tuple[ListedMember, ...], str]:
        asked = {"membership": "member", "limit": str(MOST_LISTED), "q": words, "cursor": cursor}
        query = urlencode({name: value for name, value in asked.items() if value})
        answer = await self._get(f"{_site(hub_uri)}/api/v1/members?{query}")
        items = answer.get("items")
        found = [_listed(item) for item in items[:MOST_LISTED]] if isinstance(items, list) else []
        following = answer.get("next")
        return tuple(each for each in found if each is not None), (
            following[:500] if isinstance(following, str) else ""
        )

    async def _example(self, hub_uri: str, id_: str, commitment: str) -> Example | None:
        """What one member says, where it explains or shows anything."""
        path = f"/api/v1/members/{quote(id_, safe='@:')}"
        try:
            item = await self._get(f"{_site(hub_uri)}{path}")
        except FetchError as error:
            if error.gone:
                return None
            raise
        statement = item.get("statement")
        answers = statement.get("commitments") if isinstance(statement, dict) else None
        for answer in answers if isinstance(answers, list) else ():
            if isinstance(answer, dict) and answer.get("commitment") == commitment:
                declared = _declared(answer, commitment)
                page = item.get("page")
                if declared.explanation or declared.evidence:
                    return Example(
                        _text(item.get("name"), MAX_NAME),
                        page if isinstance(page, str) else "",
                        declared,
                    )
        return None

    async def _get(self, url: str) -> Document:
        """A document of the API, remembered for a while."""
        known = self._answers.get(url)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        answer = await self._client.get(url, {"Accept": "application/json"})
        if answer.status != 200:
            raise FetchError(
                f"{url}: answered {answer.status}", code="status", retry=answer.status >= 500,
                peer_status=answer.status,
            )  # fmt: skip
        try:
            document = parse(answer.body)
        except RefusedError as error:
            raise FetchError(f"{url}: {error.message}", code=error.code, retry=False) from None
        self._answers[url] = (time.monotonic() + REMEMBERED, document)
        if len(self._answers) > MOST_ANSWERS:
            self._answers.popitem(last=False)
        return document


@asynccontextmanager
async def _in_time(hub_uri: str) -> AsyncIterator[None]:
    """All of it within SECONDS, else a FetchError."""
    try:
        async with asyncio.timeout(SECONDS):
            yield
    except TimeoutError:
        raise FetchError(f"{hub_uri}: no answer in time", code="timeout", retry=True) from None


def _site(hub_uri: str) -> str:
    """The address of a hub's site; its API stands on its actor's origin."""
    parts = urlsplit(hub_uri)
    return f"{parts.scheme}://{parts.netloc}"


def _rank(standing: str) -> int:
    """The better a statement was checked, the earlier its answers are shown."""
    order = ("labelled", "attested", "endorsed", "declared")
    return order.index(standing) if standing in order else len(order)


def _text(value: object, limit: int) -> str:
    return clean(value, limit) if isinstance(value, str) else ""


def _listed(item: object) -> ListedMember | None:
    """A member out of a listing; None for what is none, or has no actor to write to."""
    if not isinstance(item, dict):
        return None
    id_, uri = item.get("id"), item.get("uri")
    if not isinstance(id_, str) or not isinstance(uri, str) or not id_.isprintable():
        return None
    statement = item.get("statement")
    statement = statement if isinstance(statement, dict) else {}
    levels = statement.get("levels")
    return ListedMember(
        id=id_[:500],
        uri=uri[:2048],
        name=_text(item.get("name"), MAX_NAME) or id_[:MAX_NAME],
        standing=_text(item.get("standing"), 40),
        statement_uri=_text(statement.get("uri"), 2048),
        digest=_text(statement.get("digest"), 64),
        levels={
            name: level
            for name, level in (levels.items() if isinstance(levels, dict) else ())
            if isinstance(level, str)
        },
    )


def _declared(answer: Document, commitment: str) -> Declared:
    """One answer, its texts cut to what a page shows; links are filtered where they are shown."""
    texts, links = answer.get("explanation"), answer.get("evidence")
    explanation: Texts = {
        tag: _text(text, MAX_TEXT)
        for tag, text in (list(texts.items())[:8] if isinstance(texts, dict) else ())
        if len(tag) <= 35 and _text(text, MAX_TEXT)
    }
    evidence = [
        link for link in (links if isinstance(links, list) else ()) if isinstance(link, str)
    ]
    return Declared(
        commitment, _text(answer.get("level"), 40), explanation, tuple(evidence[:MAX_LINKS])
    )
