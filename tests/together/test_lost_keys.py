"""A hub loses its folder of keys: the way out that docs/operate.md tells, rehearsed.

The database was restored from a copy, the private keys were not.
"""

from __future__ import annotations

import json
from pathlib import Path

from tests.together.files import actor, event, statement
from tests.together.nodes import AS2, Node, call, eventually, read_json
from tests.together.peer import Peer
from tests.together.world import World, settled

STATEMENT = statement() + "".join(
    f'[charter.commitments.{name}-1]\nlevel = "practised"\nexplanation.fr = "Oui."\n'
    for name in ("value", "data", "commons", "cooperation")
)
DOCS = Path(__file__).resolve().parents[2] / "docs" / "operate.md"


def test_a_hub_that_lost_its_keys(world: World, tmp_path: Path) -> None:
    """New keys take the place of the lost ones; what was attested still verifies."""
    hub, velo = world.joined("communs", "velo")
    with Peer() as nina:
        nina.follow(hub)
        velo.apply(actor() + STATEMENT)
        eventually(lambda: hub.api("members", "&standing=declared"))
        assert hub.run("members", "attest", velo.handle).code == 0
        assert hub.run("members", "label", velo.handle).code == 0
        label = f"{hub.url}/label/{velo.handle}.json"
        old = tmp_path / "label.json"
        old.write_text(json.dumps(eventually(lambda: read_json(label))))
        settled(hub, velo)
        before = read_json(hub.actor, AS2)

        hub.kill()
        for path in (hub.dir / "keys").iterdir():
            path.unlink()
        hub.serve()
        told = DOCS.read_text("utf-8").partition("**When the keys of a hub are lost**")[2]
        commands = [
            line.split() for line in told.partition("```sh\n")[2].partition("```")[0].splitlines()
        ]
        assert len(commands) >= 2
        for pecfed, command, *rest in commands:
            assert pecfed == "pecfed"
            assert rest[:2] == ["--dir", "hub"]
            ran = hub.run(command, *rest[2:])
            assert ran.code == 0, ran

        eventually(lambda: read_json(hub.actor, AS2)["publicKey"] != before["publicKey"])
        assert read_json(hub.actor, AS2)["id"] == before["id"]
        eventually(lambda: updated(nina, hub))
        velo.apply(actor() + STATEMENT + event("ag"))
        eventually(lambda: hub.uids("events") == {"ag"})
        eventually(lambda: [x for x in nina.of("Announce") if x["actor"] == hub.actor])
        settled(hub, velo)
        for what in (label, old):
            ran = call("verify", what, "--development")
            assert ran.code == 0, ran


def updated(nina: Peer, hub: Node) -> bool:
    """Whether a follower was told of the hub's new keys, by a letter that it could verify."""
    return any(each["actor"] == hub.actor for each in nina.of("Update"))
