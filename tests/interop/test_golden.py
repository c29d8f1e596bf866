"""What a follower on Mastodon reads: a file for each kind of post, in French and in English.

Look at `golden/` as at a timeline: would you follow this account? Where a change of the texts
is wanted, PECFED_ACCEPT=1 writes the files anew; the difference is then part of the commit.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from pecfed.domain.about import About
from pecfed.domain.attestation import Attestation
from pecfed.domain.content import Content, kind_of
from pecfed.domain.endorsement import Endorsement
from pecfed.domain.label import Label
from pecfed.domain.note import Note
from pecfed.domain.picture import Picture
from pecfed.domain.place import Place
from pecfed.domain.poll import Poll
from pecfed.domain.profile import Profile
from pecfed.domain.statement import Statement
from pecfed.domain.uris import Uris
from pecfed.federation.objects import KINDS
from pecfed.language import hashtags
from pecfed.services import digest, membership
from pecfed.store.actors import LocalActor
from pecfed.store.directory import Listed
from pecfed.store.members import Member
from pecfed.store.objects import Stored
from tests.interop import timeline
from tests.interop.mastodon import Mastodon
from tests.interop.story import COMMUNITY
from tests.interop.test_round_trip import wanted, wire

GOLDEN = Path(__file__).parent / "golden"
SITE = "https://velo.example"
ACTOR = f"{SITE}/actors/velo"
HUB = Uris("https://annuaire.example")
HUB_ACTOR = LocalActor(1, "annuaire", "hub", HUB.actor("annuaire"), Profile("L’annuaire"),
                       0, 0, (), ())  # fmt: skip


def cast(name: str, language: str) -> dict[str, Content]:
    """What a platform of the demonstration publishes, by uid."""
    return {each.uid: each for each in wanted(COMMUNITY / f"{name}.toml", language).contents}


def member(name: str, language: str) -> Member:
    """A platform of the demonstration, listed."""
    profile = wanted(COMMUNITY / f"{name}.toml", language).profile
    uri = f"https://{name}.example/actors/{name}"
    slug = f"{name}@{name}.example"
    return Member(1, slug, uri, "member", profile.name, profile, (uri,), "", 0, 0)


def listed(name: str, uid: str, language: str) -> Listed:
    """Something of theirs in the directory."""
    uri = f"https://{name}.example/objects/{uid[:4]}k4t9q2"
    stored = Stored(1, uri, uri, None, cast(name, language)[uid], uri, 0, 0, None)
    return Listed(stored, member(name, language))


def poll(counts: tuple[int, ...], *, closed: bool) -> Poll:
    """A poll that somebody answered."""
    return Poll(
        "jour",
        {"fr": "Quel jour pour notre atelier de réparation ?",
         "en": "Which day for our repair workshop?"},
        ({"fr": "Mercredi soir", "en": "Wednesday evening"},
         {"fr": "Samedi matin", "en": "Saturday morning"}),
        datetime.fromisoformat("2026-12-15T20:00:00+01:00"),
        tags=("Nantes",),
        counts=counts,
        voters=sum(counts),
        closed=closed,
    )  # fmt: skip


def hub_note(texts: dict[str, str], link: str) -> Note:
    """A sentence of the hub."""
    return Note("1", texts, link, (hashtags.community(),))


def joined(language: str) -> Note:
    """The news of a new member."""
    who = member("velo", language)
    texts = {tag: membership.welcome(who.name, who.slug, who.profile, tag) for tag in ("fr", "en")}
    return hub_note(texts, f"{HUB.base}/members/{who.slug}")


def week(language: str) -> Note:
    """A digest with something of everything."""
    texts = {
        tag: digest.text(
            tag, HUB, HUB_ACTOR,
            [member("velo", language), member("coulisses", language)],
            [listed("velo", "appel-remorques", language),
             listed("velo", "atelier-tarifs", language),
             listed("coulisses", "assemblee-constitutive", language)],
            [listed("velo", "tournees", language), listed("coulisses", "remuneration", language)],
        )
        for tag in ("fr", "en")
    }  # fmt: skip
    return hub_note(texts, "")


def vouching(statement: Statement, language: str) -> Iterator[tuple[str, str, Content]]:
    """Somebody vouches for Toits, and the hub for what it declares; then the hub takes it back."""
    uri = f"{SITE}/objects/q7m2v9xk4t"
    about = About.of(statement, uri, name="Toits", handle="toits@toits.example")
    days: dict[str, Any] = {
        "given": "2026-11-24",
        "valid_until": "2027-10-29",
        "credential": {"id": "urn:1"},
    }
    comment = {"fr": "Nous avons assisté à deux de leurs assemblées.",
               "en": "We attended two of their assemblies."}  # fmt: skip
    some = ("governance-1", "governance-4")
    yield "endorsement", ACTOR, Endorsement(ACTOR, about, **days, comment=comment)
    yield "endorsement-some", ACTOR, Endorsement(ACTOR, about, **days, commitments=some)
    principles: Any = dict.fromkeys(("governance", "value", "commons", "cooperation"), "confirmed")
    attested = Attestation(about, principles | {"data": "questioned"}, **days, comment=comment)
    page = f"{HUB.base}/label/{about.handle}"
    label = Label(about, "urn:1", page, **days)
    yield "attestation", HUB_ACTOR.uri, attested
    yield "label", HUB_ACTOR.uri, label
    over: dict[str, Any] = {"revoked": "2027-02-01", "reason": "not-verifiable"}
    yield "attestation-over", HUB_ACTOR.uri, replace(attested, **over, comment={})
    yield "label-over", HUB_ACTOR.uri, replace(label, **over)


def posts(language: str) -> Iterator[tuple[str, str, Content]]:
    """Name, author and content of each golden post."""
    velo = cast("velo", language)
    assembly: Any = velo["ag-2027"]
    statement: Any = velo["statement"]
    assert isinstance(statement, Statement)
    yield "statement", ACTOR, statement
    yield "statement-short", ACTOR, replace(statement, commitments=statement.commitments[:3])
    yield "event", ACTOR, replace(assembly, tags=("Nantes",))
    yield "event-cancelled", ACTOR, replace(assembly, status="cancelled")
    yield "event-online", ACTOR, velo["atelier-tarifs"]
    yield (
        "event-both",
        ACTOR,
        replace(
            assembly, online_url=f"{SITE}/visio", end=None, place=Place("La Maison", city="Nantes")
        ),
    )
    yield "event-picture", ACTOR, replace(
        assembly,
        picture=Picture(
            f"{SITE}/media/ag.jpg", "image/jpeg",
            {"fr": "Une salle pleine de coursiers, casques à la main.",
             "en": "A room full of couriers, helmets in hand."},
        ),
    )  # fmt: skip
    yield "event-call", ACTOR, velo["appel-remorques"]
    yield "resource", ACTOR, velo["tournees"]
    yield "resource-on-request", ACTOR, velo["guide-accueil"]
    yield "note-joined", HUB_ACTOR.uri, joined(language)
    yield "note-digest", HUB_ACTOR.uri, week(language)
    yield "poll", ACTOR, poll((), closed=False)
    yield "poll-over", ACTOR, poll((12, 30), closed=True)
    yield from vouching(statement, language)


NAMES = [name for name, _, _ in posts("fr")]


def page(name: str, language: str) -> str:
    """A golden file as it should be."""
    actor, content = next(
        (actor, content) for each, actor, content in posts(language) if each == name
    )
    uri = f"{actor.partition('/actors/')[0]}/objects/q7m2v9xk4t"
    kind = KINDS[kind_of(content)]
    document = wire(kind.to_wire(content, uri, actor, 1_795_424_400_000, 0, language))
    letter = {
        "@context": document["@context"], "id": f"{uri}/create", "type": "Create",
        "actor": actor, "object": document,
    }  # fmt: skip
    assert Mastodon({actor}).accepts(letter) == "done"
    shown = timeline.renders(document)
    assert shown.language == language and shown.public and not shown.warning
    return timeline.card(shown, f"@{actor.rpartition('/')[2]}")


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("name", NAMES)
def test_a_follower_reads_what_is_written_there(name: str, language: str) -> None:
    """To the letter."""
    path = GOLDEN / f"{name}.{language}.txt"
    now = page(name, language)
    if os.environ.get("PECFED_ACCEPT"):
        path.write_text(now, "utf-8")
    assert path.exists(), f"{path.name} is missing: PECFED_ACCEPT=1 ./run test {__file__}"
    assert path.read_text("utf-8") == now, "look at it; wanted? then PECFED_ACCEPT=1"


def test_no_file_is_left_over() -> None:
    """Each belongs to a post."""
    known = {f"{name}.{language}.txt" for name in NAMES for language in ("fr", "en")}
    assert {path.name for path in GOLDEN.iterdir()} == known


@pytest.mark.parametrize("language", ["fr", "en"])
def test_nothing_is_a_wall(language: str) -> None:
    """A whole statement is the longest; all else is read at a glance."""
    for name in NAMES:
        text = page(name, language)
        assert len(text) < (4500 if name == "statement" else 1400), name
        assert max(len(part) for part in text.split("\n\n")) < 1600, name
