"""`pecfed init`: a node from nothing, or nothing at all."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.together.files import actor
from tests.together.nodes import Node, call, free_port, pecfed, read_json
from tests.together.world import World

URL = "http://127.0.0.1:8999"


def init(folder: Path, *more: object) -> tuple[int, str]:
    """Try to make a node; exit code and what was said on standard error."""
    ran = call("init", "--dir", folder, *more)
    return ran.code, ran.err


def test_every_option(tmp_path: Path) -> None:
    """All options at once: the settings file says them, only its owner can read it and the keys."""
    folder, port = tmp_path / "new" / "node", free_port()
    ran = pecfed(
        "init", "--dir", folder, "--role", "hub", "--url", f"http://127.0.0.1:{port}/",
        "--username", "communs", "--name", "Plateformes en communs", "--handle-domain",
        "communs.example", "--database", "sqlite", "--language", "en", "--development",
    )  # fmt: skip
    assert (ran.code, ran.err) == (0, "")
    assert f"@communs@communs.example" in ran.out  # noqa: F541
    assert tomllib.loads((folder / "pecfed.toml").read_text()) == {
        "role": "hub", "url": f"http://127.0.0.1:{port}", "handle_domain": "communs.example",
        "database": "sqlite", "language": "en", "development": True,
    }  # fmt: skip
    assert folder.stat().st_mode & 0o777 == 0o700
    secret = [folder / "pecfed.toml", *(folder / "keys").glob("*.pem")]
    assert len(secret) == 1 + 2 * (2 + 3) + 1, "the instance's, the hub's and the groups' keys"
    assert {path.stat().st_mode & 0o777 for path in secret} == {0o600}
    status = call("status", "--dir", folder, "--json").json
    assert status["handle"] == "communs@communs.example"
    assert (status["name"], status["role"]) == ("Plateformes en communs", "hub")

    node = Node(folder, port, "sqlite", "communs", "hub")
    node.serve()
    try:
        found = read_json(f"{node.url}/.well-known/webfinger?resource=acct:communs@communs.example")
        assert found["subject"] == "acct:communs@communs.example"
        assert {link["href"] for link in found["links"] if link["rel"] == "self"} == {node.actor}
    finally:
        assert node.stop() == 0


def test_what_needs_not_be_said(tmp_path: Path) -> None:
    """Without options: a member that speaks French, is named later, and keeps SQLite."""
    assert init(tmp_path / "node", "--url", "https://node.velo.example") == (0, "")
    settings = tomllib.loads((tmp_path / "node" / "pecfed.toml").read_text())
    assert settings == {
        "role": "member", "url": "https://node.velo.example", "database": "sqlite",
        "language": "fr",
    }  # fmt: skip
    ran = call("status", "--dir", tmp_path / "node", "--json")
    assert (ran.code, ran.out) == (2, "")
    assert "name one in the file" in ran.err


def test_a_hub_has_a_name_at_once(tmp_path: Path) -> None:
    """A hub that nobody named is called hub, and by its user name for people."""
    assert init(tmp_path / "hub", "--role", "hub", "--url", "https://annuaire.example")[0] == 0
    status = call("status", "--dir", tmp_path / "hub", "--json").json
    assert status["actor"] == "https://annuaire.example/actors/hub"
    assert (status["handle"], status["name"]) == ("hub@annuaire.example", "hub")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--url", "https://velo.example", "--development"), "refused for a public name"),
        (("--url", "http://192.0.2.7:8000", "--development"), "refused for a public name"),
        (("--url", "http://10.0.0.5:8000", "--development"), "refused for a public name"),
        (("--url", "http://velo.example"), "plain http is for --development only"),
        (("--url", URL), "plain http is for --development only"),
        (("--url", "velo.example"), "as https://node.example.coop"),
        (("--url", "https://velo.example/node"), "without a path"),
        (("--url", "ftp://velo.example"), "as https://node.example.coop"),
        (("--url", "https://me:word@velo.example"), "user name"),
        (("--url", "https://velo.example:99999"), "as https://node.example.coop"),
        (("--url", "https://[::1"), "as https://node.example.coop"),
        (("--url", "https://vélo.example"), "xn--"),
        (("--url", "https://velo example"), "no host name"),
        (("--url", "https://velo.example/#me"), "as https://node.example.coop"),
        (("--url", ""), "as https://node.example.coop"),
        (("--url", "https://velo.example", "--username", "Vélo"), "a-z, 0-9 and _"),
        (("--url", "https://velo.example", "--username", "velo.commun"), "a-z, 0-9 and _"),
        (("--url", "https://velo.example", "--username", "v" * 31), "1 to 30"),
        (("--url", "https://velo.example", "--username", "instance"), "choose another"),
        (("--url", "https://velo.example", "--role", "king"), "'member', 'hub'"),
        (("--url", "https://velo.example", "--language", "de"), "'fr', 'en'"),
        (("--url", "https://velo.example", "--database", "mysql://x"), "postgresql://"),
        (("--url", "https://velo.example", "--handle-domain", "velo.example/x"), "bare"),
        (("--url", "https://velo.example", "--handle-domain", "Velo.example"), "lower-case"),
    ],
)
def test_refused(tmp_path: Path, options: tuple[str, ...], words: str) -> None:
    """What can't be right exits 2 with a sentence that says what would be, and leaves no folder."""
    code, said = init(tmp_path / "node", *options)
    assert code == 2
    assert words in said
    assert "Traceback" not in said
    assert not (tmp_path / "node").exists()


def test_addresses_are_tidied(tmp_path: Path) -> None:
    """Capitals, a slash at the end and the scheme's own port don't get into the actors' ids."""
    assert init(tmp_path / "hub", "--role", "hub", "--url", "https://Annuaire.Example:443/")[0] == 0
    status = call("status", "--dir", tmp_path / "hub", "--json").json
    assert status["actor"] == "https://annuaire.example/actors/hub"
    local = init(tmp_path / "local", "--url", "http://[::1]:8000", "--development")
    assert local == (0, "")


def test_a_node_is_there_already(velo: Node) -> None:
    """A folder that holds a node is refused, and the node is as it was."""
    before = {path: path.read_bytes() for path in velo.dir.rglob("*") if path.is_file()}
    ran = velo.init()
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"pecfed: there is a node in {velo.dir} already; choose another folder\n"
    assert {path: path.read_bytes() for path in before} == before


def test_an_init_that_was_interrupted(velo: Node) -> None:
    """A folder whose settings file was never written becomes a node when init is run again."""
    (velo.dir / "pecfed.toml").unlink()
    ran = velo.init()
    assert (ran.code, ran.err) == (0, "")
    assert velo.apply(actor())["updated"] == 1


def test_a_database_of_another_node(velo: Node, tmp_path: Path) -> None:
    """A database that holds somebody else's actors is refused by name, and left as it was."""
    other = tmp_path / "other"
    other.mkdir()
    (other / "pecfed.db").write_bytes((velo.dir / "pecfed.db").read_bytes())
    for url in ("https://velo.example", velo.url):
        more = ("--development",) if url == velo.url else ()
        code, said = init(other, "--url", url, "--username", "velo", *more)
        assert code == 2
        assert said.startswith("pecfed: the database already holds another node, that of http://")
        assert not (other / "pecfed.toml").exists()


def test_a_database_that_does_not_answer(tmp_path: Path) -> None:
    """Nobody at the database's address: exit 1, one sentence without the password, no folder."""
    code, said = init(
        tmp_path / "node", "--url", "https://velo.example", "--database",
        "postgresql://pecfed:hunter2@127.0.0.1:1/pecfed",
    )  # fmt: skip
    assert code == 1
    assert said.startswith("pecfed: the PostgreSQL database can't be opened")
    assert said.count("\n") == 1
    assert "hunter2" not in said
    assert not (tmp_path / "node").exists()


def test_the_environment_stands_above_the_file(
    world: World, velo: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`PECFED_NAME` replaces a setting for one command; a wrong one is named."""
    assert world.nodes
    monkeypatch.setenv("PECFED_HANDLE_DOMAIN", "velo.example")
    assert velo.json("status")["handle"] == "velo@velo.example"
    monkeypatch.setenv("PECFED_BODY_BYTES", "many")
    ran = velo.run("status")
    assert ran.code == 2
    assert "PECFED_BODY_BYTES" in ran.err
