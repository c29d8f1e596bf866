"""Notices by mail: a real mail server on loopback takes them, refuses them, or dies."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pecfed import clock
from pecfed.domain.notice import KINDS, Notice
from pecfed.errors import UsageError
from pecfed.federation.node import Node
from pecfed.services import mailing, notices
from pecfed.settings import make
from pecfed.store import mails
from pecfed.work import mail
from tests.conftest import MakeServer
from tests.servers import Server, eventually
from tests.things import LILAS


@dataclass
class MailServer:
    """What it took; `answer` is what it says to each mail, "" for yes."""

    port: int = 0
    took: list[EmailMessage] = field(default_factory=list)
    to: list[str] = field(default_factory=list)
    answer: str = ""
    tries: int = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take it or not."""
        self.tries += 1
        if self.answer:
            return self.answer
        assert isinstance(envelope.content, bytes)
        self.took.append(message_from_bytes(envelope.content, policy=default))
        self.to += envelope.rcpt_tos
        return "250 taken"


@asynccontextmanager
async def mail_server(**how: Any) -> AsyncIterator[MailServer]:
    """A mail server on a port of its own."""
    made = MailServer()
    loop = asyncio.get_running_loop()
    factory: Callable[[], SMTP] = lambda: SMTP(made, loop=loop, **how)  # noqa: E731
    server = await loop.create_server(factory, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()


@pytest.fixture
async def post() -> AsyncIterator[MailServer]:
    """A mail server that takes everything."""
    async with mail_server() as made:
        yield made


def settings_for(post: MailServer, **more: Any) -> dict[str, Any]:
    """What an operator sets for it."""
    return {
        "smtp_host": "127.0.0.1", "smtp_port": post.port, "smtp_security": "none",
        "mail_from": "ruche@ruche.example", **more,
    }  # fmt: skip


async def hub(make_server: MakeServer, post: MailServer, **more: Any) -> Server:
    """La Ruche, which tells Anne by mail."""
    ruche = await make_server(
        role="hub", username="ruche", name="La Ruche", **settings_for(post, **more)
    )
    await ruche.write(lambda s: mailing.tell(s, mailing.Wish("anne@ruche.example", language="en")))
    return ruche


@asynccontextmanager
async def at_work(ruche: Server, post: MailServer, **more: Any) -> AsyncIterator[Node]:
    """The same node in a process of its own, which sends when it is told to."""
    given = {"url": ruche.url, "role": "hub", "development": True, **settings_for(post, **more)}
    node = Node.make(make(ruche.settings.dir, given), ruche.node.database)
    try:
        yield node
    finally:
        await node.close()


async def something(ruche: Server, kind: str = "join", name: str = "Lilas") -> None:
    """Something happens."""
    facts = {"name": name, "path": "/admin/queue"}
    await ruche.write(lambda s: notices.notice(s, kind, subject=LILAS, facts=facts))


def body(message: EmailMessage) -> str:
    """Its text."""
    return str(message.get_content())


async def test_word_gets_through(
    make_server: MakeServer, post: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the language of who gets it, with where to go and how to end it; once."""
    monkeypatch.setattr(mail, "EVERY_SECONDS", 0.05)
    ruche = await hub(make_server, post)
    await something(ruche)
    await eventually(lambda: took(post, 1))
    (message,) = post.took
    assert post.to == ["anne@ruche.example"]
    assert message["Subject"] == "La Ruche: 1 thing waits for you"
    assert message["From"] == "ruche@ruche.example"
    assert message["Auto-Submitted"] == "auto-generated"
    assert "- Lilas asks to be listed" in body(message)
    assert f"{ruche.url}/admin/queue" in body(message)
    link = re.fullmatch(r"<(.*)>", message["List-Unsubscribe"])
    assert link is not None and link[1] in body(message)
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    async def noted() -> bool:
        return bool(await ruche.value("SELECT state FROM mails") == "sent")

    await eventually(noted)
    assert not await mail.once(ruche.node)
    assert len(post.took) == 1


async def took(post: MailServer, number: int) -> bool:
    """Whether it has taken so many."""
    return len(post.took) >= number


async def test_goodbye_in_one_click(make_server: MakeServer, post: MailServer) -> None:
    """Looking at the link ends nothing; one POST as mail programs send it does, twice is once."""
    ruche = await hub(make_server, post, smtp_host="")
    await something(ruche)
    async with at_work(ruche, post) as node, aiohttp.ClientSession() as http:
        assert await mail.once(node)
        link = post.took[0]["List-Unsubscribe"].strip("<>")
        async with http.get(link) as answer:
            assert answer.status == 200
        assert await ruche.value("SELECT ended_at FROM mail_recipients") is None
        for url in (link, link, f"{ruche.url}/goodbye/nobody", f"{ruche.url}/goodbye/%C3%A9"):
            async with http.post(url, data={"List-Unsubscribe": "One-Click"}) as answer:
                assert answer.status == 200
        assert await ruche.value("SELECT ended_at FROM mail_recipients") is not None
        with clock.running_ahead(timedelta(hours=1)):
            await something(ruche, "report")
            assert not await mail.once(node)
    assert await ruche.value("SELECT count(*) FROM mails") == 1


async def test_it_is_tried_again_and_not_twice(make_server: MakeServer, post: MailServer) -> None:
    """While the server says later; the same mail under the same Message-ID, then one copy."""
    ruche = await hub(make_server, post, smtp_host="")
    post.answer = "451 4.3.0 later"
    await something(ruche)
    async with at_work(ruche, post) as node:
        assert await mail.once(node)
        assert await ruche.rows("SELECT state, error FROM mails") == [
            ("waiting", "SMTPException: 451 4.3.0 later")
        ]
        first = await ruche.value("SELECT message_id FROM mails")
        post.answer = ""
        assert not await mail.once(node)
        with clock.running_ahead(timedelta(minutes=2)):
            await something(ruche, "report")
            assert await mail.once(node)
            assert not await mail.once(node)
        assert [message["Message-ID"] for message in post.took] == [f"<{first}@localhost>"]
        with clock.running_ahead(timedelta(minutes=20)):
            assert await mail.once(node)
            assert not await mail.once(node)
    assert "report" in body(post.took[1]) and "asks" not in body(post.took[1])
    assert len({message["Message-ID"] for message in post.took}) == 2


async def test_a_final_no_is_parked(make_server: MakeServer, post: MailServer) -> None:
    """In sight, until the operator says to try again."""
    ruche = await hub(make_server, post, smtp_host="")
    post.answer = "550 5.1.1 nobody\x1b[31m here"
    await something(ruche)
    async with at_work(ruche, post) as node:
        assert await mail.once(node)
        assert await ruche.value("SELECT state FROM mails") == "parked"
        post.answer = ""
        assert not await mail.once(node)
        assert await ruche.write(lambda s: mails.retry(s, clock.now_ms())) == 1
        assert await mail.once(node)
    assert len(post.took) == 1


async def test_a_mail_under_way_when_the_node_dies(
    make_server: MakeServer, post: MailServer
) -> None:
    """Its lease over, another process sends it; nothing is lost."""
    ruche = await hub(make_server, post, smtp_host="")
    await something(ruche)
    claimed = await ruche.write(lambda s: mails.claim(s, clock.now_ms()))
    assert claimed is not None
    async with at_work(ruche, post) as node:
        assert not await mail.once(node)
        with clock.running_ahead(timedelta(milliseconds=mails.LEASE + 1000)):
            assert await mail.once(node)
    assert post.took[0]["Message-ID"] == f"<{claimed.message_id}@localhost>"


async def test_a_mail_server_that_is_away(make_server: MakeServer, post: MailServer) -> None:
    """The mail waits."""
    ruche = await hub(make_server, post, smtp_host="")
    await something(ruche)
    async with at_work(ruche, MailServer(port=9)) as node:
        assert await mail.once(node)
    assert await ruche.value("SELECT state FROM mails") == "waiting"


async def test_a_server_that_cant_prove_itself_gets_nothing(
    make_server: MakeServer, tmp_path: Path
) -> None:
    """Neither the mail nor the password, over STARTTLS with a certificate of its own making."""
    seen: list[bytes] = []

    def authenticate(_s: SMTP, _se: Session, _e: Envelope, _m: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        seen.append(data.password)
        return AuthResult(success=True)

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate(tmp_path))
    async with mail_server(tls_context=context, authenticator=authenticate) as post:
        ruche = await hub(make_server, post, smtp_host="")
        await something(ruche)
        secret = {"smtp_security": "starttls", "smtp_user": "ruche", "smtp_password": "secret"}
        async with at_work(ruche, post, **secret) as node:
            assert await mail.once(node)
        assert "CERTIFICATE_VERIFY_FAILED" in await ruche.value("SELECT error FROM mails")
    assert (post.tries, seen) == (0, [])


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that nobody signed but itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = clock.now()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem, private = folder / "cert.pem", folder / "key.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.PKCS8
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    )
    return pem, private


async def test_what_strangers_write_is_no_mail_of_theirs(
    make_server: MakeServer, post: MailServer
) -> None:
    """A name with line breaks, headers and addresses is one harmless line."""
    ruche = await hub(make_server, post)
    name = (
        "A\r\nBcc: all@x.example\r\n\r\nClick https://evil.example/ www.evil.example " + "x" * 500
    )
    await something(ruche, "join", name)
    async with at_work(ruche, post) as node:
        assert await mail.once(node)
    assert post.took[0]["Bcc"] is None
    assert post.to == ["anne@ruche.example"]
    assert "https://evil" not in body(post.took[0]) and "www.evil" not in body(post.took[0])
    assert max(map(len, body(post.took[0]).splitlines())) < 200


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_kind_has_its_sentence(language: str, tmp_path: Path) -> None:
    """In both languages, and a hundred of them are still one short mail."""
    settings = make(tmp_path, {"url": "https://ruche.example", "role": "hub"})
    someone = mails.Recipient(1, "a@b.example", "", "operator", language, "t", None, 0)
    told = [Notice(n, kind, LILAS, "", "operators", {}, n) for n, kind in enumerate(KINDS)]
    settled = make(tmp_path, {"url": "https://ruche.example", "smtp_host": "mail.example",
                              "mail_from": "a@b.example"})  # fmt: skip
    assert settings.smtp_host == ""
    message = mail.compose(mails.Mail(1, "m", 1, someone, told * 6), settled, "La Ruche")
    assert body(message).count("\n- ") == mail.MOST_TOLD
    assert str(len(told) * 6 - mail.MOST_TOLD) in body(message)


@pytest.mark.parametrize(
    "given",
    [
        {"smtp_host": "mail.example"},
        {"smtp_host": "mail.example", "mail_from": "a@b.example\nBcc: c@d.example"},
        {"smtp_host": "mail.example", "mail_from": "a@b.example", "smtp_security": "none"},
        {"smtp_host": "mail.example", "mail_from": "a@b.example", "smtp_security": "ssl"},
    ],
)
def test_wrong_settings_are_refused(given: dict[str, Any], tmp_path: Path) -> None:
    """Before anything is sent, above all before a password goes over an open line."""
    with pytest.raises(UsageError):
        make(tmp_path, {"url": "https://ruche.example", **given})


@pytest.mark.parametrize(
    "address", ["", "anne", "anne@", "a b@c.example", "a@b.example\r\nBcc: c@d.example",
                "<a@b.example>", "a@b..example", "x" * 65 + "@b.example", "é@b.example"],
)  # fmt: skip
def test_no_mail_address(address: str) -> None:
    """Nothing that could end a header or a command."""
    with pytest.raises(UsageError, match="no mail address"):
        mailing.check_address(address)
