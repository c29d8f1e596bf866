"""`pecfed members endorse|attest|label|unlabel|revoke`, as they are typed."""

from __future__ import annotations

import pytest

from tests.together.nodes import Node, call, eventually
from tests.together.world import World, caught_up

PRINCIPLES = ("governance", "value", "data", "commons", "cooperation")
STATEMENT = """
[charter]
version = "2018"
declared = 2026-11-01
valid_until = 2099-11-01
""" + "".join(
    f'[charter.commitments.{name}-1]\nlevel = "practised"\n'
    f'evidence = ["https://velo.example/{name}.pdf"]\n'
    for name in PRINCIPLES
)


def becomes(hub: Node, member: Node, wanted: str) -> None:
    """Wait until the hub's API says that of a member."""

    def is_so() -> bool:
        found = [each["standing"] for each in hub.api("members") if each["uri"] == member.actor]
        return found == [wanted]

    eventually(is_so)


def test_from_an_endorsement_to_the_label(world: World) -> None:
    """Two members and a hub, by commands alone."""
    hub, velo, panier = world.joined("communs", "velo", "panier")
    velo.apply(STATEMENT)
    caught_up(hub, velo)
    becomes(hub, velo, "declared")

    # a member vouches for another one
    asked = ("members", "endorse", velo.handle, "--commitments", "data-1,governance-1")
    made = panier.run(*asked, "--comment", "Vu sur place.", "--json")
    assert made.code == 0, made
    assert made.json["commitments"] == ["governance-1", "data-1"]
    assert made.json["member"] == velo.actor and made.json["valid_until"] > "2027"
    becomes(hub, velo, "endorsed")
    refused = panier.run(*asked, "--comment", "Vu sur place.")
    assert (refused.code, refused.out) == (1, "") and "vouches for that already" in refused.err
    assert panier.run("members", "endorse", velo.handle, "--commitments", "money").code == 2
    own = velo.run("members", "endorse", velo.handle)
    assert own.code == 2 and "is on this node itself" in own.err

    # the hub finds something to question, then not any more
    early = hub.run("members", "label", velo.handle)
    assert early.code == 1 and "whose statement is attested" in early.err
    assert hub.run("members", "attest", velo.handle, "--questioned", "money").code == 2
    first = hub.run("members", "attest", velo.handle, "--questioned", "data", "--json").json
    assert (first["member"], first["questioned"]) == (velo.handle, ["data"])
    assert hub.run("members", "attest", velo.handle, "--digest", "0" * 64).code == 1
    done = hub.run("members", "attest", velo.handle, "--digest", first["digest"])
    assert done.code == 0 and "is attested." in done.out
    becomes(hub, velo, "attested")
    label = hub.run("members", "label", velo.handle, "--until", "2027-01-31", "--json")
    assert label.json["credential"].startswith(f"{hub.url}/credentials/")
    becomes(hub, velo, "labelled")

    # what can't be undone is asked about, and needs a reason
    assert hub.run("members", "unlabel", velo.handle).code == 2
    unasked = hub.run("members", "unlabel", velo.handle, "--reason", "not-verifiable")
    assert unasked.code == 1 and "nothing was done" in unasked.err
    becomes(hub, velo, "labelled")
    reason = ("--reason", "not-verifiable", "--yes", "--json")
    assert hub.run("members", "unlabel", velo.handle, *reason).json["revoked"] == 1
    assert hub.run("members", "revoke", velo.handle, *reason).json["revoked"] == 1
    becomes(hub, velo, "endorsed")
    assert hub.run("members", "revoke", velo.handle, *reason).code == 1

    # and the member takes back its word
    assert panier.run("members", "revoke", velo.handle).code == 1
    assert panier.run("members", "revoke", velo.handle, "--yes", "--json").json["revoked"] == 1
    becomes(hub, velo, "declared")
    assert panier.run("members", "revoke", velo.handle, "--yes").code == 1


@pytest.mark.parametrize("deed", ["attest", "label", "unlabel"])
def test_only_a_hub_attests(velo: Node, deed: str) -> None:
    """A member node says so, and what it could do."""
    ran = velo.run("members", deed, "x@y.example", "--reason", "other", "--yes")
    assert ran.code == 2 and "not a hub" in ran.err


def test_the_help_tells_of_it() -> None:
    """With an example of each."""
    told = call("members", "--help").out
    for deed in ("endorse", "attest", "label", "unlabel", "revoke"):
        assert f"members --dir node {deed}" in told or f"members --dir hub {deed}" in told
