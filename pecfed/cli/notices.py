"""`notices`: what waits for who runs this node, and who is told by mail."""

from __future__ import annotations

import argparse
import asyncio
import smtplib
from typing import Any

from pecfed import clock
from pecfed.cli.command import add_command, add_json, on_node, say, say_items, say_json, shown
from pecfed.domain.notice import Notice
from pecfed.errors import RefusedError, UsageError
from pecfed.federation.node import Node
from pecfed.language.words import word
from pecfed.services import mailing, notices
from pecfed.store import mails
from pecfed.store.database import Session
from pecfed.store.mails import Mail, Recipient
from pecfed.work import mail


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`pecfed notices`."""
    made = add_command(
        commands,
        "notices",
        lambda given: on_node(given, _notices),
        "read what waits for who runs this node; say who is told by mail",
        "  pecfed notices --dir node list\n"
        "  pecfed notices --dir node tell anne@example.coop --role operator --language fr\n"
        "  pecfed notices --dir node test anne@example.coop\n"
        "  pecfed notices --dir node recipients\n"
        "  pecfed notices --dir node forget anne@example.coop",
    )
    made.add_argument("what", choices=("list", "recipients", "tell", "test", "forget", "retry"))
    made.add_argument("address", nargs="?", default="", metavar="ADDRESS",
                      help="tell, test, forget: which mail address")  # fmt: skip
    made.add_argument("--role", default="operator", choices=mailing.ROLES,
                      help="tell: whose notices it gets")  # fmt: skip
    made.add_argument("--language", default="", choices=("", *mailing.LANGUAGES),
                      help="tell: of its mails; the node's own where left out")  # fmt: skip
    made.add_argument("--account", default="", metavar="NAME",
                      help="tell: as the address of that account of the admin")  # fmt: skip
    add_json(made)


async def _notices(node: Node, given: argparse.Namespace) -> int:
    if given.what == "list":
        return await _list(node, given)
    if given.what == "recipients":
        return await _recipients(node, given)
    if given.what == "retry":
        number = await node.database.write(lambda s: mails.retry(s, clock.now_ms()))
        say_json({"mails": number}) if given.json else say(f"{number} mails will be tried again.")
        return 0
    if not given.address:
        raise UsageError(f"notices {given.what}: say which address, as anne@example.coop")
    if given.what == "forget":
        await node.database.write(lambda s: mailing.forget(s, given.address))
        say_json({"address": given.address}) if given.json else say("Forgotten.")
        return 0
    _check_mail(node)
    return await (_tell(node, given) if given.what == "tell" else _test(node, given))


def _check_mail(node: Node) -> None:
    if not node.settings.smtp_host:
        raise RefusedError(
            "this node sends no mail: set smtp_host and mail_from in pecfed.toml", code="no_mail"
        )


async def _list(node: Node, given: argparse.Namespace) -> int:
    found = await node.database.read(lambda s: notices.listing(s, "operator", ""))
    if given.json:
        say_items([_item(each) for each, _ in found])
        return 0
    for each, _ in found:
        at = clock.stamp(clock.from_ms(each.at))
        sentence = word("en", f"notice.sentence.{each.kind}", name=each.name)
        say(f"{at}  {shown(sentence)}  {shown(each.subject)}")
    if not found:
        say("Nothing has come yet.")
    return 0


def _item(notice: Notice) -> dict[str, Any]:
    return {
        "number": notice.id,
        "kind": notice.kind,
        "subject": notice.subject,
        "for": notice.to,
        "facts": dict(notice.facts),
        "at": clock.stamp(clock.from_ms(notice.at)),
    }


async def _recipients(node: Node, given: argparse.Namespace) -> int:
    async def read(session: Session) -> tuple[list[Recipient], dict[str, int]]:
        return list(await mails.recipients(session)), await mails.counts(session)

    found, counts = await node.database.read(read)
    if given.json:
        items = [
            {
                "address": each.address,
                "account": each.account or None,
                "role": each.role or None,
                "language": each.language,
                "told": each.is_told,
            }
            for each in found
        ]
        say_json({"items": items, "total": len(items), "next": None, "mails": counts})
        return 0
    for each in found:
        state = each.role if each.is_told else "no more"
        say(f"{each.address}  {state}  {each.language}  {each.account}")
    say("mails: " + ", ".join(f"{n} {state}" for state, n in counts.items()))
    return 0


async def _tell(node: Node, given: argparse.Namespace) -> int:
    wish = mailing.Wish(
        given.address, given.role, given.language or node.settings.language, given.account
    )
    found = await node.database.write(lambda s: mailing.tell(s, wish))
    if given.json:
        say_json({"address": found.address, "role": found.role, "language": found.language})
    else:
        say(f"{found.address} is told from now on. Try it: pecfed notices test {found.address}")
    return 0


async def _test(node: Node, given: argparse.Namespace) -> int:
    """Send a mail without news now, and say what the server answers."""
    found = await node.database.read(
        lambda s: mails.by_address(s, mailing.check_address(given.address))
    )
    if found is None or not found.is_told:
        raise RefusedError(
            f"{given.address} isn't told by mail; add it first: notices tell", code="not_told"
        )
    message = mail.compose(
        Mail(0, f"test-{clock.now_ms()}", 1, found, []), node.settings, node.settings.host
    )
    try:
        await asyncio.to_thread(mail.deliver, message, node.settings)
    except (OSError, smtplib.SMTPException, mail.RejectedError) as error:
        raise RefusedError(
            f"{node.settings.smtp_host} didn't take it: {shown(str(error)[:300])}", code="not_sent"
        ) from None
    if given.json:
        say_json({"address": found.address, "sent": True})
    else:
        say(f"{node.settings.smtp_host} took a mail to {found.address}.")
    return 0
