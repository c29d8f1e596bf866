"""Sends the mails that are due, by the operator's own mail server, where one is set.

At least once: a mail's attempt is counted before it is made, and a process that is killed
between the server's yes and our commit repeats it under the same Message-ID, by which mail
programs know it again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import smtplib
import ssl
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import urlsplit

from pecfed import clock
from pecfed.domain.notice import Notice
from pecfed.errors import PecfedError
from pecfed.federation.node import Node
from pecfed.language.words import counted, word
from pecfed.settings import Settings, is_loopback
from pecfed.store import actors, mails
from pecfed.store.database import Session
from pecfed.store.mails import Mail

log = logging.getLogger(__name__)
EVERY_SECONDS = 5.0
SECONDS = 10
"""How long each answer of a mail server may take."""
BACK_OFF = (60, 300, 1800, 7200, 21_600, 43_200, 86_400, 86_400, 86_400)  # seconds
MOST_TOLD = 50
"""Notices named in one mail; of more their number is told."""
MAX_NAME = 80
LONG_LINES = SMTP.clone(max_line_length=998)
"""RFC 5322 section 2.1.1; shorter lines would break the address of the goodbye in two."""


class RejectedError(Exception):
    """A mail server refuses this mail for good; the words are its own."""


def compose(mail: Mail, settings: Settings, site_name: str) -> EmailMessage:
    """The mail as it goes out: plain text, with a goodbye that takes one click (RFC 8058)."""
    language, base = mail.recipient.language, settings.url
    goodbye = f"{base}/goodbye/{mail.recipient.token}"
    message = EmailMessage(policy=LONG_LINES)
    message["From"] = settings.mail_from
    message["To"] = mail.recipient.address
    message["Subject"] = counted(
        language, "mail.subject", len(mail.notices), site=_line(site_name, MAX_NAME)
    )
    message["Date"] = clock.now()
    message["Message-ID"] = f"<{mail.message_id}@{_own_name(settings)}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence is answered to it
    message["List-Unsubscribe"] = f"<{goodbye}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    lines = [word(language, "mail.what", site=_line(site_name, MAX_NAME)), ""]
    lines += [_told(each, language, base) for each in mail.notices[:MOST_TOLD]]
    if len(mail.notices) > MOST_TOLD:
        lines.append(counted(language, "mail.more", len(mail.notices) - MOST_TOLD))
    lines += ["", word(language, "mail.all"), f"{base}/admin/notices", ""]
    lines += ["-- ", word(language, "mail.goodbye"), goodbye]
    message.set_content("\n".join(lines) + "\n", charset="utf-8")
    return message


def _told(notice: Notice, language: str, base: str) -> str:
    """One notice: its sentence, and where it is dealt with; what a stranger wrote is not in it."""
    said = word(language, f"notice.sentence.{notice.kind}", name=_line(notice.name, MAX_NAME))
    path = notice.facts.get("path", "")
    return f"- {said}" + (f"\n  {base}{path}" if path.startswith("/admin") else "")


def _line(text: str, most: int) -> str:
    """A remote name on one line, and no address that a mail program would make a link of."""
    flat = " ".join(text.split()).replace("://", " ").replace("www.", "www ")
    return flat if len(flat) <= most else f"{flat[: most - 1]}…"


def deliver(message: EmailMessage, settings: Settings) -> None:
    """Hand a mail to the server that the settings name. Waits for the network.

    Raises:
        RejectedError: the server refuses it for good.
        OSError, smtplib.SMTPException: it couldn't be handed over now.
    """
    host, port = settings.smtp_host, settings.smtp_port
    context, me = ssl.create_default_context(), _own_name(settings)
    if settings.smtp_security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, me, timeout=SECONDS, context=context)
    else:
        server = smtplib.SMTP(host, port, me, timeout=SECONDS)
    try:
        if settings.smtp_security == "starttls":
            server.starttls(context=context)
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password)
        _hand_over(server, message)
        # it has been taken: whatever the server says to our goodbye, it isn't sent again
        with contextlib.suppress(OSError, smtplib.SMTPException):
            server.quit()
    finally:
        server.close()


def _hand_over(server: smtplib.SMTP, message: EmailMessage) -> None:
    """Send it, with what a refusal means.

    Raises:
        RejectedError: it is refused for good.
        SMTPException: it is refused for now.
    """
    try:
        server.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        code, words = next(iter(error.recipients.values()))
        raise _judged(code, words) from None
    except smtplib.SMTPResponseException as error:
        raise _judged(error.smtp_code, error.smtp_error) from None


def _own_name(settings: Settings) -> str:
    """What we call ourselves to a mail server: the node's public host."""
    host = urlsplit(settings.url).hostname or "localhost"
    return "localhost" if is_loopback(host) else host


def _judged(code: int, words: bytes | str) -> Exception:
    """What a server's no means: 5xx is for good (RFC 5321 section 4.2.1)."""
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    text = f"{code} {said}"[:300]
    return RejectedError(text) if 500 <= code < 600 else smtplib.SMTPException(text)


async def _site_name(node: Node) -> str:
    """Who speaks on this node, or its host."""
    everyone = await node.database.read(actors.everyone)
    card = "hub" if node.settings.is_hub else "member"
    names = (actor.profile.name for actor in everyone if actor.card == card)
    return next(names, node.settings.host)


async def once(node: Node) -> bool:
    """Send the mail that is due; False when there is none."""

    async def look(session: Session) -> bool:
        return await mails.any_due(session, clock.now_ms())

    if not await node.database.read(look):
        return False
    mail = await node.database.write(lambda session: mails.claim(session, clock.now_ms()))
    if mail is None:
        return False
    error, again_at = "", 0
    if not mail.recipient.is_told:
        error = "nobody to tell"
    else:
        message = compose(mail, node.settings, await _site_name(node))
        try:
            await asyncio.to_thread(deliver, message, node.settings)
        except RejectedError as refused:
            error = str(refused)
        except (OSError, smtplib.SMTPException, ValueError) as failed:
            error = f"{type(failed).__name__}: {failed}"[:300]
            if mail.attempts <= len(BACK_OFF):
                pause = BACK_OFF[mail.attempts - 1] * random.uniform(0.8, 1.0)  # noqa: S311
                again_at = clock.now_ms() + int(pause * 1000)

    async def note(session: Session) -> None:
        if error:
            await mails.failed(session, mail.id, error, again_at or None)
        else:
            await mails.sent(session, mail.id, clock.now_ms())

    await node.database.write(note)
    if error:
        log.info("mail %s: %s", mail.id, error.encode("unicode_escape").decode("ascii"))
    return True


async def run(node: Node) -> None:
    """Send for ever."""
    while True:
        try:
            more = await once(node)
        except PecfedError as error:
            log.warning("mail: %s", error.message)
            more = False
        if not more:
            await asyncio.sleep(EVERY_SECONDS)
