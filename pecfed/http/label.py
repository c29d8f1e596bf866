"""What a label's page, its JSON and its badge are about: read once, in one view of the data."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from aiohttp import web

from pecfed import clock
from pecfed.errors import NotFoundError
from pecfed.http.appkeys import DATABASE
from pecfed.services import setup
from pecfed.store import credentials, directory
from pecfed.store.actors import LocalActor
from pecfed.store.credentials import Credential
from pecfed.store.database import Session
from pecfed.store.directory import Entry


@dataclass(frozen=True, slots=True)
class Labelling:
    """An entry of the directory, and what the hub vouches for about it, unless revoked.

    `label` and `attestation` may have ended, or be of a statement that has changed since:
    what they are worth today says `entry.standing`. While it is doubted who speaks for the
    member (`services/suspicion.py`), `label` is None though it stands.
    """

    hub: LocalActor
    entry: Entry
    label: Credential | None
    attestation: Credential | None
    was_labelled: bool

    @property
    def until(self) -> str:
        """The last day (ISO) of what the standing rests on; "" where it rests on neither."""
        if self.entry.standing == "labelled" and self.label:
            return self.label.valid_until
        if self.entry.standing == "attested" and self.attestation:
            return self.attestation.valid_until
        return ""


def label_path(slug: str) -> str:
    """The path of the page about somebody's label; with `.json` and `.svg` the other views."""
    return f"/label/{quote(slug, safe='@:')}"


async def labelling(request: web.Request) -> Labelling:
    """What is known of the member that the address names.

    Raises:
        NotFoundError: the public directory has no such entry (any more).
    """
    slug = request.match_info["slug"]
    found = None
    if slug.isprintable():
        found = await request.app[DATABASE].read(lambda session: _read(session, slug))
    if found is None:
        raise NotFoundError(f"no public entry {slug!r}", safe="the directory has no such entry")
    return found


async def _read(session: Session, slug: str) -> Labelling | None:
    hub = await setup.the_hub(session)
    entry = await directory.entry(session, slug, clock.now().date())
    if entry is None:
        return None
    if entry.member.uri is None:
        return Labelling(hub, entry, None, None, was_labelled=False)
    uri = entry.member.uri
    labels = await credentials.of_subject(session, uri, "label", actor_id=hub.id)
    label = next((each for each in labels if each.revoked_at is None), None)
    attested = await credentials.of_subject(session, uri, "attestation", actor_id=hub.id)
    attestation = next((each for each in attested if each.revoked_at is None), None)
    is_hidden = entry.life is not None and entry.life.hidden_at is not None
    if label is not None:
        rests_on = label.document["credentialSubject"]["attestation"]
        attestation = next((each for each in attested if each.uri == rests_on), attestation)
    return Labelling(
        hub,
        entry,
        None if is_hidden else label,
        attestation,
        was_labelled=bool(labels) and not is_hidden,
    )
