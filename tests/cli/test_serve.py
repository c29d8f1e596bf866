"""`pecfed serve`: where it listens, what it refuses, how it ends."""

from __future__ import annotations

import signal
import socket
from pathlib import Path

import pytest

from tests.together.nodes import AS2, Node, call, eventually, free_port, get, pecfed
from tests.together.world import World

WARNING = "WARNING development mode: plain http and loopback addresses are permitted"


def test_where_the_url_points(velo: Node) -> None:
    """It listens where its url points, says at every start that it is in development, exits 0."""
    for count, number in enumerate((signal.SIGTERM, signal.SIGINT), 1):
        velo.serve()
        assert get(f"{velo.url}/healthz")[0] == get(f"{velo.url}/readyz")[0] == 200
        assert velo.log.count(WARNING) == count
        velo.signal(number)
        assert velo.ended() == 0
        with pytest.raises(OSError, match="refused"):
            get(f"{velo.url}/healthz")
    assert "Traceback" not in velo.log


def test_bind(velo: Node) -> None:
    """`--bind` listens elsewhere, and the addresses it hands out stay those of its url."""
    port = free_port()
    velo.start("--bind", f"127.0.0.1:{port}")
    eventually(lambda: f"127.0.0.1:{port}" in velo.log)
    there = f"http://127.0.0.1:{port}"
    status, text = get(f"{there}/actors/velo", AS2, Host=f"127.0.0.1:{velo.port}")
    assert status == 200
    assert f'"id": "{velo.actor}"' in text
    assert velo.stop() == 0


def test_in_public(world: World, tmp_path: Path) -> None:
    """Behind a proxy, with a public address: probes are answered, development isn't spoken of."""
    node = Node(tmp_path / "node", free_port(), "sqlite", "velo", "member")
    made = call("init", "--dir", node.dir, "--url", "https://velo.example", "--username", "velo")
    assert made.code == 0
    node.start("--bind", f"127.0.0.1:{node.port}")
    world.nodes.append(node)
    node.ready()  # a probe doesn't say the public name
    assert get(f"{node.url}/actors/velo", AS2)[0] == 421
    assert get(f"{node.url}/actors/velo", AS2, Host="velo.example")[0] == 200
    assert node.stop() == 0
    assert "development" not in node.log


def test_idle_memory(velo: Node) -> None:
    """A node idles under 70 MB resident."""
    velo.serve()
    assert velo.process is not None
    status = Path(f"/proc/{velo.process.pid}/status").read_text()
    resident = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    assert int(resident.split()[1]) < 70 * 1024


def test_a_second_one(velo: Node) -> None:
    """A second `serve` of the same folder exits 2 with one sentence; the first goes on."""
    velo.serve()
    ran = pecfed("serve", "--dir", velo.dir, "--bind", f"127.0.0.1:{free_port()}")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"pecfed: another process already serves {velo.dir}; stop it first\n"
    assert get(f"{velo.url}/healthz")[0] == 200
    # one that was killed is in nobody's way
    velo.kill()
    velo.serve()


def test_a_busy_port(world: World, velo: Node) -> None:
    """A port that is taken exits 2 with one sentence that names it."""
    assert velo in world.nodes
    with socket.create_server(("127.0.0.1", velo.port)):
        ran = pecfed("serve", "--dir", velo.dir)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        f"pecfed: 127.0.0.1:{velo.port} is in use: stop what listens there, "
        "or choose another with --bind\n"
    )


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--processes", "2"), "one process serves SQLite"),
        (("--processes", "0"), "choose between 1 and 64"),
        (("--processes", "65"), "choose between 1 and 64"),
        (("--bind", "8000"), "write HOST:PORT"),
        (("--bind", "localhost:http"), "write HOST:PORT"),
        (("--bind", "127.0.0.1:99999"), "write HOST:PORT"),
        (("--bind", "192.0.2.1:8000"), "can't listen on 192.0.2.1:8000"),
    ],
)
def test_refused(velo: Node, options: tuple[str, ...], words: str) -> None:
    """What can't be served exits 2 with one sentence."""
    ran = velo.run("serve", *options)
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err
    assert ran.err.count("\n") == 1
