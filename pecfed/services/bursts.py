"""When a member publishes much at once: what was too much is told in one note of the hub."""

from __future__ import annotations

from collections.abc import Sequence

from pecfed import clock
from pecfed.domain.note import Note
from pecfed.domain.text import pick
from pecfed.domain.uris import Uris
from pecfed.services import announcing, publish
from pecfed.services.announcing import HOUR
from pecfed.store import actors, members, objects, passed_on
from pecfed.store.database import Session
from pecfed.store.objects import Stored
from pecfed.store.passed_on import Passed

QUIET = 900_000  # milliseconds without a new one, after which a burst is over
TITLES = 5  # what a note names of them
NEWS = {
    "fr": "{name} ({handle}) a publié {number} nouveautés\u00a0: {titles}",
    "en": "{name} ({handle}) has published {number} new things: {titles}",
}
MORE = {"fr": "…", "en": "…"}
UNNAMED = {"fr": "déclaration", "en": "statement"}


async def due(session: Session, now: int) -> Sequence[tuple[int, str]]:
    """Whose waiting things are to be told now: our actor's key and the author, the oldest first.

    A burst that doesn't end is told once an hour.
    """
    return [
        (row["actor_id"], row["author_uri"])
        for row in await passed_on.waiting(session)
        if row["newest"] <= now - QUIET or row["oldest"] <= now - HOUR
    ]


async def tell(
    session: Session, uris: Uris, actor_id: int, author_uri: str, *, per_hour: int
) -> str:
    """Tell of what an author has waiting; what was done, in a word.

    One thing is announced by itself as soon as the hour has room for it; several become one
    note with a link to the member's page. Who is no member any more isn't spoken of.
    """
    entry = await members.by_uri(session, author_uri, hold=True)
    now = clock.now_ms()
    rows = await passed_on.waiting_of(session, actor_id, author_uri)
    if not rows or not (rows[-1].at <= now - QUIET or rows[0].at <= now - HOUR):
        return "told"  # by another process, or something new has come
    live = await _live(session, rows)
    if entry is None or entry.state != "member" or not live:
        for each in rows:
            await passed_on.forget_waiting(session, each.object_uri)
        return "dropped"
    speaker = await actors.by_id(session, actor_id)
    if len(live) == 1:
        said = await passed_on.count_since(session, actor_id, author_uri, now - HOUR, "shown")
        if said >= per_hour:
            return "waits"
        await passed_on.set_state(session, actor_id, live[0].uri, "shown", now)
        await announcing.announce(session, uris, speaker, live[0].uri, author_uri)
        return "announced"
    for each in rows:
        await passed_on.set_state(session, actor_id, each.object_uri, "collected", now)
    texts = {
        tag: text.format(
            name=entry.name, handle=f"@{entry.slug}", number=len(live), titles=_titles(live, tag)
        )
        for tag, text in NEWS.items()
    }
    page = f"{uris.base}/members/{entry.slug}"
    await publish.create(session, uris, speaker, Note(uris.new_object(), texts, page))
    return "collected"


async def _live(session: Session, rows: Sequence[Passed]) -> list[Stored]:
    """Those of them that were not withdrawn meanwhile."""
    found = [await objects.get(session, each.object_uri) for each in rows]
    return [each for each in found if each is not None and each.deleted_at is None]


def _titles(found: Sequence[Stored], language: str) -> str:
    names = [pick(getattr(each.content, "name", UNNAMED), language)[1] for each in found[:TITLES]]
    return ", ".join(names) + (MORE[language] if len(found) > TITLES else "")
