"""The demo as it is installed: real processes, real signatures, asked from outside."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import sys
import tomllib
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.demo.runs import (
    COMMUNITY,
    ENDS,
    HOST,
    NODES,
    demo,
    eventually_gone,
    folder_in,
    free_ports,
    kill,
    node_processes,
    read_until,
    standing,
)


def read(name: str) -> dict[str, Any]:
    return tomllib.loads((COMMUNITY / f"{name}.toml").read_text("utf-8"))


def platforms() -> list[dict[str, Any]]:
    names = sorted(path.stem for path in COMMUNITY.glob("*.toml"))
    return [read(name) for name in names if name not in {"hub", "invited"}]


def expected(port: int) -> dict[str, Any]:
    """What the line for scripts must say, counted in the files of the cast."""
    members = platforms()
    vouching = read("changes/vouching")
    items = {kind: sum(len(file[kind]) for file in members) for kind in ("event", "resource")}
    return {
        "hub": f"http://{HOST}:{port}",
        "members": len(members),
        "invited": len(read("invited")["invited"]),
        "statements": len(members),
        "events": items["event"] + len(read("hub")["event"]) + 1,
        "resources": items["resource"] + len(read("hub")["resource"]) - 1,
        "standings": vouching["standing"],
        # a Join, its Accept, a Follow and its Accept for each member; what all of them
        # announce; three changes; an endorsement goes to the hub and to whom it is about, an
        # attestation and a label to the member; a changed statement: each of it arrives once
        "delivered": 4 * len(members)
        + sum(items.values())
        + 3
        + 2 * len(vouching["endorsement"])
        + sum(1 + each.get("label", False) for each in vouching["attestation"])
        + 1,
        "failed": 0,
    }


def test_everything_arrives(engine: str) -> None:
    """Each engine: the one line says what the files say, the rest is on standard error."""
    port = free_ports()
    done = demo(port, "--exit", "--json", "--database", engine)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 1
    line = json.loads(done.stdout)
    took = line.pop("propagation_ms")
    counted = expected(port)
    # how much the working groups pass on beside that depends on who followed them first
    assert line.pop("delivered") >= counted.pop("delivered")
    assert line == counted
    assert (line["members"], line["invited"], line["events"], line["resources"]) == (5, 12, 25, 29)
    assert list(took) == ["event", "correction", "withdrawal"]
    assert all(isinstance(ms, int) and 0 < ms < 1000 * ENDS for ms in took.values())

    for said in (
        "velo       announces 3 events and 4 resources",
        "hub        has read the statement of Coulisses Communes, and accepts it",
        "the hub's API and pages show 5 members, 12 invited, 5 statements, 24 events, 30 resources",
        "velo       withdraws a resource",
    ):
        assert said in done.stderr
    assert "\x1b" not in done.stderr  # no terminal, no drawing
    folder = folder_in(done.stderr)
    assert eventually_gone(port, folder)
    assert not folder.exists()


def test_the_data_can_be_kept(tmp_path: Path) -> None:
    """`--dir` keeps nodes that can be served again, and is taken only where nothing is."""
    port, folder = free_ports(), tmp_path / "kept"
    done = demo(port, "--exit", "--dir", str(folder))
    assert done.returncode == 0, done.stderr
    assert "The hub shows 5 members" in done.stdout
    assert "Ctrl-C" not in done.stdout  # nothing is up any more
    names = {"hub", *(file["actor"]["username"] for file in platforms())}
    assert {path.name for path in folder.iterdir()} == {*names, "log"}
    assert {path.stem for path in (folder / "log").iterdir()} == names
    status = subprocess.run(
        [sys.executable, "-m", "pecfed", "status", "--dir", str(folder / "velo"), "--json"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert [hub["membership"] for hub in json.loads(status.stdout)["hubs"]] == ["member"]

    again = demo(port, "--exit", "--dir", str(folder))
    assert again.returncode == 2
    assert again.stdout == ""
    assert again.stderr == (
        f"pecfed: --dir {folder}: there is something in it already; choose a new or empty folder\n"
    )


def test_a_busy_port_gets_one_sentence(tmp_path: Path) -> None:
    """It names the port and how to choose others; nothing is made."""
    port, folder = free_ports(), tmp_path / "new"
    with socket.create_server((HOST, port + 2)):
        done = demo(port, "--exit", "--json", "--dir", str(folder))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"pecfed: port {port + 2} is in use, and the demo takes {port} to {port + NODES - 1}: "
        "choose others with --port\n"
    )
    assert not folder.exists()


def test_a_port_that_is_none_gets_one_sentence() -> None:
    """The last port from which six can be taken is named."""
    done = demo(65_531, "--exit")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "pecfed: --port 65531: choose between 1 and 65530\n"


PREPARED = """
import sys
from pecfed.cli import main
from pecfed.demo import postgres

def missing():
    raise postgres.PostgresMissing("no PostgreSQL server was found; get one so")

{}
sys.exit(main(["demo", "--exit", "--json", "--database", "postgresql", "--port", "{}"]))
"""


ASYNCPG = "PostgreSQL needs asyncpg: pip install 'pecfed[postgres]'"


@pytest.mark.parametrize(("lacking", "code", "sentence"), [
    ("sys.modules['asyncpg'] = None", 2, ASYNCPG),
    ("postgres.binaries = missing", 1, "no PostgreSQL server was found; get one so"),
])  # fmt: skip
def test_what_is_missing_gets_one_sentence(lacking: str, code: int, sentence: str) -> None:
    """PostgreSQL is an extra, and its server is looked for on the machine."""
    done = subprocess.run(
        [sys.executable, "-c", PREPARED.format(lacking, free_ports())],
        capture_output=True, text=True, timeout=ENDS, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr == f"pecfed: {sentence}\n"


def test_it_stays_up_until_ctrl_c() -> None:
    """It ends by printing the address; that answers in both languages; then everything goes."""
    port = free_ports()
    with standing(port) as process:
        said = read_until(process, "Ctrl-C to stop")
        assert f"Open http://{HOST}:{port}/fr/ (in English: http://{HOST}:{port}/en/)" in said
        folder = folder_in(said)
        assert set(node_processes(folder)) == {
            "hub",
            *(f["actor"]["username"] for f in platforms()),
        }
        for language, title in (("fr", "Vélo Commun"), ("en", "Vélo Commun")):
            with urllib.request.urlopen(f"http://{HOST}:{port}/{language}/members") as answer:
                assert title in answer.read().decode()
        process.send_signal(signal.SIGINT)
        assert process.wait(ENDS) == 0
    assert eventually_gone(port, folder)
    assert not folder.exists()


def test_ended_half_way_it_leaves_nothing() -> None:
    """SIGTERM while the nodes start: they are stopped and the folder goes."""
    port = free_ports()
    with standing(port) as process:
        folder = folder_in(read_until(process, "serves http"))
        process.send_signal(signal.SIGTERM)
        assert process.wait(ENDS) == 128 + signal.SIGTERM
    assert eventually_gone(port, folder)
    assert not folder.exists()


def test_killed_it_takes_its_nodes_along() -> None:
    """Even where it can't tidy up, no process stays behind."""
    port = free_ports()
    with standing(port, "--json") as process:
        folder = folder_in(read_until(process, "serves http"))
        assert node_processes(folder)
        kill(process.pid)
        process.wait(ENDS)
    assert eventually_gone(port, folder)
    shutil.rmtree(folder)  # which nobody was left to do


def test_a_node_that_dies_is_told_with_its_last_words() -> None:
    """The demo ends with exit code 1, and the other nodes with it."""
    port = free_ports()
    with standing(port) as process:
        folder = folder_in(read_until(process, "toits      serves http"))
        kill(node_processes(folder)["toits"])
        said = read_until(process, f"serves http://{HOST}:{port + 4} on")
        assert "pecfed: the node toits ended by itself (exit code -9); it said:\n" in said
        assert process.wait(ENDS) == 1
    assert eventually_gone(port, folder)
    assert not folder.exists()


def test_what_does_not_arrive_in_time_ends_it() -> None:
    """With exit code 1 and a sentence that names what is missing; no line for scripts."""
    port = free_ports()
    code = (
        "import sys\n"
        "from pecfed.cli import main\n"
        "from pecfed.demo import story\n"
        "story.ARRIVE_SECONDS = 0\n"
        f"sys.exit(main(['demo', '--exit', '--json', '--port', '{port}']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=ENDS, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    *_, last = done.stderr.splitlines()
    assert last.startswith("pecfed: ")
    assert "didn't" in last
    assert " within 0 s: " in last
    assert eventually_gone(port, folder_in(done.stderr))
