"""Reading ActivityPub documents from their origin, signed by the instance actor.

What an id says counts only when it is served at that id (FEP-fe34).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pecfed.domain.handle import Handle
from pecfed.domain.uris import host_of, same_origin, without_fragment
from pecfed.errors import FetchError, RefusedError
from pecfed.federation.client import Client
from pecfed.federation.knock import Knocks
from pecfed.federation.webfinger import look_up
from pecfed.language.wire import Document, as_link, as_uri, parse

ACCEPT = 'application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams"'


class Fetcher:
    """Reads what others serve, with the node's client and its instance actor's key."""

    def __init__(self, client: Client, knocks: Knocks) -> None:
        self._client = client
        self._knocks = knocks

    async def document(self, uri: str) -> Document:
        """The ActivityPub document at `uri`, whose `id` is `uri`; the fetch is signed.

        Raises:
            FetchError: it can't be read, isn't ActivityPub, or has another id.
        """
        document = await self._fetch(uri)
        found = document.get("id")
        if found == uri:
            return document
        if not isinstance(found, str) or not same_origin(found, uri):
            raise FetchError(f"{uri}: calls itself {found!r}", code="id_mismatch", retry=False)
        document = await self._fetch(found)
        if document.get("id") != found:
            raise FetchError(f"{found}: its id is unsteady", code="id_mismatch", retry=False)
        return document

    async def _fetch(self, uri: str) -> Document:
        address = without_fragment(uri)
        self._client.check(address)
        answer = await self._knocks.send(
            "instance",
            "GET",
            address,
            None,
            lambda headers: self._client.get(address, {"Accept": ACCEPT, **headers}),
        )
        if answer.status != 200:
            raise FetchError(
                f"{uri}: answered {answer.status}",
                code="status",
                retry=answer.status >= 500 or answer.status in {408, 429},
                peer_status=answer.status,
            )
        profiled = "https://www.w3.org/ns/activitystreams" in answer.headers.get("Content-Type", "")
        if answer.media_type != "application/activity+json" and not (
            answer.media_type == "application/ld+json" and profiled
        ):
            raise FetchError(
                f"{uri}: {answer.media_type} is not ActivityPub", code="content_type", retry=False
            )
        try:
            return parse(answer.body)
        except RefusedError as error:
            raise FetchError(f"{uri}: {error.message}", code=error.code, retry=False) from None

    async def confirmed_handle(self, document: Mapping[str, Any], known: str = "") -> str:
        """The handle on another host that an actor claims (FEP-2c59), if that host agrees; else "".

        The claim counts when the named host's WebFinger leads to the actor's id. For an
        actor that claims nothing, a handle that is `known` of it counts while the actor's own
        host says that it has it: a third host's word alone renames nobody.
        """
        claim, uri = document.get("webfinger"), as_uri(document.get("id"))
        handle = Handle.read(claim) if isinstance(claim, str) else Handle.read(known)
        if handle is None or handle.host == host_of(uri):
            return ""
        if not isinstance(claim, str):
            own = Handle.read(f"{document.get('preferredUsername')}@{host_of(uri)}")
            if own is None:
                return ""
            handle = own
        try:
            found = await look_up(self._client, handle)
        except FetchError:
            return ""
        is_elsewhere = found.uri == uri and found.handle.host != host_of(uri)
        return str(found.handle) if is_elsewhere else ""


def page_of(document: Mapping[str, Any]) -> str:
    """The page for people that a document names, else its id."""
    return as_link(document.get("url")) or as_uri(document.get("id"))
