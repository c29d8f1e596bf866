"""`pecfed admin`: what an operator types, and what it does to whoever is signed in."""

from __future__ import annotations

import re
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

from pecfed.settings import child_environment
from tests.together.nodes import Node, get
from tests.together.world import World


def press(url: str, secret: str) -> str:
    """Press the link's button; the cookie of the session that began, or ""."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: object) -> None:
            return None

    opener = urllib.request.build_opener(Stay)
    try:
        opener.open(f"{url}/admin/enter", data=f"secret={secret}".encode(), timeout=20)
    except urllib.error.HTTPError as error:
        with error:
            return (error.headers.get("Set-Cookie") or "").partition(";")[0]
    raise AssertionError("a form answers with a way on")


def test_the_first_link_makes_the_first_operator(velo: Node) -> None:
    """Without a name it is for the only operator; each link takes the place of the one before."""
    assert "pecfed admin link" in velo.run("admin", "list").out
    ran = velo.run("admin", "link")
    assert ran.code == 0
    assert re.fullmatch(
        rf"For operator, once, within 15 minutes:\n{velo.url}/admin/enter/[\w-]{{43}}\n", ran.out
    )
    told = velo.run("admin", "link", "--json").json
    assert (told["name"], told["valid_until"][-1]) == ("operator", "Z")
    (item,) = velo.run("admin", "list", "--json").json["items"]
    assert item["since"].endswith("Z")
    del item["since"]
    assert item == {
        "name": "operator", "role": "operator", "language": "fr", "passkeys": 0, "password": False,
    }  # fmt: skip


def test_add_role_sign_out_reset_remove(velo: Node) -> None:
    """Each says what became of the account."""
    assert velo.run("admin", "add", "Anne", "--role", "reviewer", "--language", "en").code == 0
    assert "enters by a link" in velo.run("admin", "list").out
    assert velo.run("admin", "role", "anne", "operator", "--json").json == {
        "name": "anne", "role": "operator",
    }  # fmt: skip
    assert velo.run("admin", "sign-out", "anne", "--json").json["sessions_ended"] == 0
    assert velo.run("admin", "reset", "anne", "--yes", "--json").json["name"] == "anne"
    assert velo.run("admin", "link").code == 0  # the only operator, whatever the name
    assert velo.run("admin", "remove", "anne", "--yes", "--json").json == {"removed": "anne"}
    assert velo.run("admin", "list", "--json").json["total"] == 0


def test_what_can_not_be_undone_is_asked_first(velo: Node) -> None:
    """Where nobody is there to say yes nothing happens, and the exit code is 1."""
    velo.run("admin", "add", "anne", "--role", "operator")
    for what, words in (("reset", "loses every passkey"), ("remove", "Nobody else is an operator")):
        ran = velo.run("admin", what, "anne")
        assert (ran.code, ran.out) == (1, "")
        assert words in ran.err
        assert "--yes" in ran.err
    assert velo.run("admin", "list", "--json").json["total"] == 1


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("add", "anne"), 2, "say --role"),
        (("add", "x-", "--role", "observer"), 2, "can't be an account's name"),
        (("add", "a b", "--role", "observer"), 2, "can't be an account's name"),
        (("add", "b", "--role", "observer"), 1, "already"),
        (("add",), 2, "say whose account"),
        (("role", "b"), 2, "say which one"),
        (("role", "b", "king"), 2, "is no role"),
        (("role", "nobody", "operator"), 1, "there is no account"),
        (("link", "nobody"), 1, "there is no account"),
        (("link",), 2, "say for whom"),
        (("remove", "nobody", "--yes"), 1, "there is no account"),
    ],
)
def test_a_refusal_says_what_is_wrong(
    velo: Node, arguments: tuple[str, ...], code: int, words: str
) -> None:
    """In one sentence."""
    velo.run("admin", "add", "b", "--role", "observer")
    ran = velo.run("admin", *arguments)
    assert (ran.code, ran.out) == (code, "")
    assert words in ran.err


def test_a_running_node_hears_it_at_once(world: World) -> None:
    """A link from the shell lets in; sign-out, role and remove from the shell end the session."""
    (hub,) = world.served("communs")
    for end in (("sign-out", "operator"), ("role", "operator", "reviewer"),
                ("reset", "operator", "--yes"), ("remove", "operator", "--yes")):  # fmt: skip
        made = hub.run("admin", "link", "operator", "--json").json
        secret = made["link"].rpartition("/")[2]
        cookie = press(hub.url, secret)
        assert cookie.startswith(f"pecfed-{hub.port}=")
        assert press(hub.url, secret) == ""
        assert get(f"{hub.url}/admin/account", "text/html", Cookie=cookie)[0] == 200
        assert hub.run("admin", *end).code == 0
        assert get(f"{hub.url}/admin/account", "text/html", Cookie=cookie)[0] == 401


def test_a_node_that_nobody_administers_stays_light() -> None:
    """What only the admin needs is loaded when somebody uses it."""
    heavy = {"webauthn", "argon2", "segno", "cbor2", "OpenSSL", "PIL"}
    code = f"import sys, pecfed.app, pecfed.cli; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True,
        env=child_environment(),
    )  # fmt: skip
    assert done.stdout == "[]\n"
