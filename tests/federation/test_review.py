"""What reviewers and members say to each other: one reader, bounded, and nothing to followers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pecfed.domain.review import MAX_COMMITMENTS, MAX_LANGUAGES, MAX_MESSAGE, Review
from pecfed.errors import RefusedError
from pecfed.federation.objects import review
from pecfed.services.review import send
from tests.cast import PUBLIC, Peer
from tests.federation.sending import arrived
from tests.federation.sending import send as post
from tests.servers import Server, eventually
from tests.things import LILAS

EXAMPLE = Path(__file__).parents[2] / "vocab" / "v1" / "examples" / "review.json"
HUB = "https://ruche.example/actors/ruche"


def example(**changes: Any) -> dict[str, Any]:
    """The published example, with another value for some of its fields."""
    document: dict[str, Any] = json.loads(EXAMPLE.read_text("utf-8"))
    return document | {"review": {**document["review"], **changes}}


def test_the_example_is_what_we_write() -> None:
    """Read and written again it is the same, but for the handle, which the reader doesn't know."""
    document = example()
    read = review.from_wire(document, HUB)
    assert review.recognises(document)
    assert (read.act, read.commitments, read.until) == ("ask", ("governance-1",), "2026-12-24")
    again = Review.from_data(json.loads(json.dumps(read.to_data())))
    assert again == read
    made = review.to_wire(
        Review.from_data({**read.to_data(), "handle": "lilas@lilas.example"}),
        document["id"], HUB, 1795515300000, 1795515300000, "fr",
    )  # fmt: skip
    assert made == document


@pytest.mark.parametrize(
    "value",
    [None, [], "ask", {}, {"act": "ask"}, {"act": ["ask"], "about": LILAS},
     {"act": "Ask!", "about": LILAS}, {"act": "a" * 41, "about": LILAS},
     {"act": "ask", "about": "javascript:alert(1)"}, {"act": "ask", "about": 5}],
)  # fmt: skip
def test_what_says_nothing_is_refused(value: Any) -> None:
    """What it does and what it is about must be there."""
    with pytest.raises(RefusedError):
        review.from_wire(example() | {"review": value}, HUB)


def test_what_is_too_much_is_cut() -> None:
    """And what is none of ours is left out."""
    read = review.from_wire(
        example(
            commitments=["governance-1", "governance-1", 7, "<b>", *(f"c-{n}" for n in range(99))],
            message={"fr": "x" * 9000, "no tag": "y", "en": "a\u202eb\u0000", "de": 5}
            | {f"x{a}": "z" for a in "abcdefgh"},
            digest="ABC", reason="not a code", until="2026-02-30",
        ),
        HUB,
    )  # fmt: skip
    assert len(read.commitments) <= MAX_COMMITMENTS
    assert read.commitments[:2] == ("governance-1", "c-0")
    assert len(read.message["fr"]) == MAX_MESSAGE
    assert read.message["en"] == "ab"
    assert len(read.message) == MAX_LANGUAGES and "no tag" not in read.message
    assert (read.digest, read.reason, read.until) == ("", "", "")
    assert review.from_wire(example(message="Bonjour"), HUB).message == {"und": "Bonjour"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner),
    max_leaves=10,
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(example()["review"], JSON)), JSON)
def test_whatever_stands_in_it(changes: dict[str, Any], to: Any) -> None:
    """It is refused with words, or read into something that can be shown and kept."""
    try:
        read = review.from_wire(example(**changes) | {"to": to, "inReplyTo": to}, HUB)
    except RefusedError:
        return
    assert Review.from_data(json.loads(json.dumps(read.to_data()))) == read
    review.to_wire(read, "https://ruche.example/objects/1", HUB, 0, 0, "fr")


async def test_it_reaches_one_reader(ruche: Server, corbeau: Peer, pie: Peer) -> None:
    """Followers see nothing of it, it is served to nobody, and it has no proof."""
    await post(pie, ruche, pie.activity("Follow", ruche.actor_uri))
    reader = await ruche.node.remotes.actor(corbeau.uri)
    hub = await ruche.me()
    said = Review("ask", corbeau.uri, message={"fr": "Où sont vos statuts ?"}, reason="incomplete")
    uri = await ruche.write(lambda s: send(s, ruche.node.uris, hub, reader, said))
    await eventually(arrived(corbeau, "Create"))
    await ruche.quiet()
    (create,) = corbeau.posted("Create")
    note = create["object"]
    assert (note["id"], note["to"], note["cc"]) == (uri, [corbeau.uri], [])
    assert create["to"] == [corbeau.uri] and PUBLIC not in str(create)
    assert note["review"]["message"] == {"fr": "Où sont vos statuts ?"}
    assert "Question sur votre déclaration" in note["content"]
    assert note["tag"][0]["href"] == corbeau.uri
    assert "proof" not in create and "proof" not in note
    assert pie.posted("Create") == []
    assert await ruche.rows("SELECT uri FROM objects WHERE uri = ?", uri) == []
