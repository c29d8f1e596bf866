"""`pecfed notices`: what an operator types, and what comes back."""

from __future__ import annotations

from tests.together.nodes import Node


def test_nothing_yet_and_no_mail(velo: Node) -> None:
    """Said in words; without a mail server nobody is added."""
    assert velo.run("notices", "list").out == "Nothing has come yet.\n"
    assert velo.json("notices", "list") == {"items": [], "total": 0, "next": None}
    refused = velo.run("notices", "tell", "anne@example.coop")
    assert refused.code == 1 and "smtp_host" in refused.err
    assert velo.run("notices", "tell").code == 2


def test_addresses_come_and_go(velo: Node) -> None:
    """Told in a role and a language; a server that is away is said to be."""
    settings = velo.dir / "pecfed.toml"
    mail = 'smtp_host = "127.0.0.1"\nsmtp_port = 9\nsmtp_security = "none"\n'
    settings.write_text(f'{settings.read_text("utf-8")}{mail}mail_from = "a@b.example"\n', "utf-8")
    told = velo.json("notices", "tell", "Anne@Example.Coop", "--role", "reviewer")
    assert told == {"address": "Anne@example.coop", "role": "reviewer", "language": "fr"}
    assert velo.run("notices", "tell", "anne", "--role", "reviewer").code == 2
    assert velo.run("notices", "tell", "a@b.example", "--account", "nobody").code == 1
    listed = velo.json("notices", "recipients")
    assert [each["told"] for each in listed["items"]] == [True]
    assert listed["mails"] == {"waiting": 0, "sent": 0, "parked": 0}
    tried = velo.run("notices", "test", "Anne@example.coop")
    assert tried.code == 1 and "didn't take it" in tried.err
    assert velo.run("notices", "test", "bob@example.coop").code == 1
    assert velo.json("notices", "retry") == {"mails": 0}
    assert velo.run("notices", "forget", "Anne@example.coop").out == "Forgotten.\n"
    assert velo.run("notices", "forget", "Anne@example.coop").code == 1
