"""A node changes its keys while others know the old ones; the commands are other processes'."""

from __future__ import annotations

import json
import os
import random
import secrets
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from pecfed.federation.keyfiles import KeyFiles
from tests.together.files import actor, event, resource, statement
from tests.together.nodes import AS2, Node, eventually, read_json
from tests.together.peer import Peer, post, sign_of_life
from tests.together.world import World, settled


def keys(node: Node, *more: object) -> list[dict[str, Any]]:
    """What `keys list` tells."""
    found: list[dict[str, Any]] = node.json("keys", "list", *more)["keys"]
    return found


def stolen(node: Node, folder: Path) -> tuple[str, rsa.RSAPrivateKey]:
    """A copy of the RSA key a node signs with, as a thief would have it: its id and itself."""
    (current,) = (
        each["id"] for each in keys(node) if (each["kind"], each["state"]) == ("rsa", "current")
    )
    shutil.copytree(node.dir / "keys", folder / "keys")
    key = KeyFiles(folder).load(node.username, current)
    assert isinstance(key, rsa.RSAPrivateKey)
    return current, key


def forged(node: Node, hub: Node, key_uri: str, key: rsa.RSAPrivateKey) -> int:
    """What the hub answers to a letter in a node's name that its thief sends."""
    activity = {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": f"{node.url}/activities/{secrets.token_hex(8)}", "type": "Announce",
        "actor": node.actor, "object": f"{node.url}/objects/x",
    }  # fmt: skip
    return post(f"{hub.url}/inbox", key, key_uri, activity)


def published(url: str) -> tuple[str, list[str]]:
    """The ids of the keys in an actor's document: the RSA key, and the Multikeys."""
    document = read_json(url, AS2)
    return document["publicKey"]["id"], [key["id"] for key in document["assertionMethod"]]


def test_a_rotation_with_overlap(world: World, tmp_path: Path) -> None:
    """Hub and followers take what the new key signs, while the node serves all the time."""
    hub, velo = world.joined("communs", "velo")
    with Peer() as nina:
        nina.follow(velo)
        text = actor() + event("ag")
        velo.apply(text)
        eventually(lambda: hub.uids("events") == {"ag"})
        old_uri, old = stolen(velo, tmp_path)
        first = keys(velo)
        assert velo.run("keys", "rotate").code == 0
        every = keys(velo)
        assert [key["state"] for key in every] == ["retired", "retired", "current", "current"]
        assert [key["id"] for key in every[:2]] == [key["id"] for key in first]
        assert len({key["id"] for key in every}) == len({key["public"] for key in every}) == 4
        eventually(lambda: published(velo.actor)[0] != old_uri)
        rsa_uri, listed = published(velo.actor)
        by_kind = {key["kind"]: key["id"] for key in every if key["state"] == "current"}
        assert rsa_uri == by_kind["rsa"]
        assert listed[0] == by_kind["ed25519"]
        assert set(listed[1:]) == {key["id"] for key in first}, "the old ones count 7 days more"

        # the Update says so to both; what comes next is signed with the new key
        eventually(lambda: [x for x in nina.of("Update") if x["object"] == nina_sees(velo)])
        text += resource("statuts")
        velo.apply(text)
        eventually(lambda: hub.uids("resources") == {"statuts"})
        settled(velo, hub)
        known = {row["uri"] for row in hub.rows("SELECT uri FROM remote_keys")}
        assert rsa_uri in known
        assert forged(velo, hub, old_uri, old) == 202, "known to be ending, not revoked"

        # the second rotation is for a break-in: the thief is out at once
        assert velo.run("keys", "rotate", "--revoke-old").code == 1, "it asks first"
        assert len(keys(velo)) == 4
        assert velo.run("keys", "rotate", "--revoke-old", "--yes").code == 0
        settled(velo, hub)
        eventually(lambda: forged(velo, hub, old_uri, old) == 401)
        eventually(lambda: len(published(velo.actor)[1]) == 1)
        rsa_uri, listed = published(velo.actor)
        assert old_uri not in {rsa_uri, *listed}
        assert {key["state"] for key in keys(velo)} == {"revoked", "current"}
        velo.apply(text + resource("outil"))
        eventually(lambda: hub.uids("resources") == {"statuts", "outil"})
        left = {path.name for path in (velo.dir / "keys").glob("velo.*.pem")}
        assert left == {f"velo.{uri.rpartition('#')[2]}.pem" for uri in (rsa_uri, *listed)}


def nina_sees(node: Node) -> dict[str, Any]:
    """An actor as it stands inside an activity."""
    document: dict[str, Any] = read_json(node.actor, AS2)
    return {name: value for name, value in document.items() if name != "@context"}


def test_what_waits_is_signed_with_the_new_key(world: World) -> None:
    """Deliveries that wait while the hub is away, and the key changes meanwhile, arrive.

    The proofs in them are by the new key, too.
    """
    hub, velo = world.joined("communs", "velo")
    hub.kill()
    velo.apply(actor() + statement() + event("ag") + resource("statuts"))
    eventually(lambda: velo.json("status")["queue"]["retrying"] == 4)
    assert velo.run("keys", "rotate", "--revoke-old", "--yes").code == 0
    hub.serve()
    sign_of_life(hub, velo)
    eventually(lambda: (hub.uids("events"), hub.uids("resources")) == ({"ag"}, {"statuts"}))
    settled(velo, hub)
    notes = [row["error"] for row in hub.rows("SELECT error FROM inbox WHERE type = 'Create'")]
    assert not [note for note in notes if "refused" in note]
    (current,) = (k["id"] for k in keys(velo) if (k["kind"], k["state"]) == ("ed25519", "current"))
    told = hub.json("members", "show", velo.handle)
    assert told["statement"]["proven_by"] == current
    assert current in hub.run("members", "show", velo.handle).out


def test_the_nodes_own_key(world: World) -> None:
    """The instance actor's, by which a node reads from others; and a key that is revoked alone."""
    hub, velo = world.joined("communs", "velo")
    old, listed = published(f"{hub.url}/actor")
    assert hub.run("keys", "rotate", "--instance", "--overlap", 0).code == 0
    eventually(lambda: published(f"{hub.url}/actor")[0] != old)
    new, _ = published(f"{hub.url}/actor")
    assert new.startswith(f"{hub.url}/actor#rsa-")
    assert hub.run("keys", "revoke", listed[0], "--instance", "--yes").code == 0
    eventually(lambda: listed[0] not in published(f"{hub.url}/actor")[1])
    velo.apply(actor() + event("ag"))
    eventually(lambda: hub.uids("events") == {"ag"})
    settled(velo, hub)
    # a current one has another in its place at once
    name = new.rpartition("#")[2]
    assert hub.run("keys", "revoke", name, "--instance", "--yes").code == 0
    eventually(lambda: published(f"{hub.url}/actor")[0] not in {new, old})
    refused = hub.run("keys", "revoke", name, "--instance", "--yes")
    assert refused.code == 1 and "revoked already" in refused.err


def test_killed_in_the_middle(world: World) -> None:
    """Whenever it is killed, the node signs with a key that its document names."""
    hub, velo = world.joined("communs", "velo")
    chance = random.Random(7)
    text, took = actor(), 1.0
    for number in range(5):
        started = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "pecfed", "keys", "rotate", "--dir", str(velo.dir)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ | {"TZ": "UTC"},
        )  # fmt: skip
        if number:
            time.sleep(chance.uniform(0.4, 1.0) * took)
            process.send_signal(signal.SIGKILL)
        process.wait()
        took = took if number else time.monotonic() - started
        for key in keys(velo):
            if key["state"] == "current":
                KeyFiles(velo.dir).load("velo", key["id"])
        text += event(f"e{number}")
        velo.apply(text)
        eventually(lambda: hub.uids("events") == {f"e{n}" for n in range(number + 1)})  # noqa: B023
    settled(velo, hub)
    assert json.dumps(published(velo.actor)).count("#rsa-") >= 1
