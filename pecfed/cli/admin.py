"""`admin`: who may enter the admin pages, and the links that let them in."""

from __future__ import annotations

import argparse
from typing import Any

from pecfed import clock
from pecfed.cli.command import add_command, add_json, agreed, on_node, say, say_items, say_json
from pecfed.domain import account as rules
from pecfed.errors import NotFoundError, UsageError
from pecfed.federation.node import Node
from pecfed.services import accounts
from pecfed.store import accounts as store
from pecfed.store.accounts import Kept
from pecfed.store.database import Session

WHAT = ("link", "list", "add", "role", "reset", "remove", "sign-out")


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`pecfed admin`."""
    made = add_command(
        commands,
        "admin",
        lambda given: on_node(given, _admin),
        "let people into the admin pages, change what they may do there, or end it",
        "  pecfed admin --dir hub link                      # for the first operator\n"
        "  pecfed admin --dir hub add anne --role reviewer  # and prints her link\n"
        "  pecfed admin --dir hub list\n"
        "  pecfed admin --dir hub role anne operator        # she signs in anew\n"
        "  pecfed admin --dir hub reset anne                # she lost her second factor\n"
        "  pecfed admin --dir hub sign-out anne\n"
        "  pecfed admin --dir hub remove anne",
    )
    made.add_argument("what", choices=WHAT)
    made.add_argument("name", nargs="?", default="", metavar="NAME", help="whose account")
    made.add_argument("new", nargs="?", default="", metavar="ROLE", help="role: the new one")
    made.add_argument("--role", choices=rules.ROLES, default="",
                      help="add: what the account may do")  # fmt: skip
    made.add_argument("--language", choices=("fr", "en"), default="",
                      help="add: of pages and mail")  # fmt: skip
    made.add_argument("--yes", action="store_true", help="reset, remove: without being asked")
    add_json(made)


async def _admin(node: Node, given: argparse.Namespace) -> int:
    if given.what == "list":
        return await _list(node, given)
    if given.what == "link":
        return await _link(node, given)
    if not given.name:
        raise UsageError(f"admin {given.what}: say whose account; see: pecfed admin list")
    if given.what == "add":
        return await _add(node, given)
    account = await node.database.read(lambda session: accounts.find(session, given.name))
    if given.what == "role":
        return await _role(node, given, account)
    if given.what == "reset":
        return await _reset(node, given, account)
    if given.what == "remove":
        return await _remove(node, given, account)
    ended = await node.database.write(
        lambda session: accounts.sign_out_everywhere(session, account)
    )
    if given.json:
        say_json({"name": account.name, "sessions_ended": ended})
    else:
        say(f"{account.name} is signed out: {ended} sessions ended.")
    return 0


def _item(account: Kept) -> dict[str, Any]:
    return {
        "name": account.name,
        "role": account.role,
        "language": account.language,
        "passkeys": account.passkeys,
        "password": bool(account.password and account.totp_secret),
        "since": clock.stamp(clock.from_ms(account.created_at)),
    }


async def _list(node: Node, given: argparse.Namespace) -> int:
    found = await node.database.read(store.everyone)
    if given.json:
        say_items([_item(each) for each in found])
        return 0
    for each in found:
        ways = [f"{each.passkeys} passkeys"] if each.passkeys else []
        ways += ["password and codes"] if each.password and each.totp_secret else []
        say(f"{each.name:<20} {each.role:<9} {', '.join(ways) or 'enters by a link'}")
    if not found:
        say("Nobody has an account. Make the first one with: pecfed admin link")
    return 0


async def _link(node: Node, given: argparse.Namespace) -> int:
    """A link for an account; where there is none at all, the first operator's is made."""

    async def work(session: Session) -> tuple[str, str]:
        everyone = await store.everyone(session)
        if not everyone:
            name = given.name or accounts.FIRST
            account = await accounts.add(session, name, "operator", node.settings.language)
        elif given.name:
            account = await accounts.find(session, given.name)
        else:
            operators = [each for each in everyone if each.role == "operator"]
            if len(operators) != 1:
                raise UsageError("admin link: say for whom; see: pecfed admin list")
            account = operators[0]
        return account.name, await accounts.link(session, account)

    name, secret = await node.database.write(work)
    return _told(node, given, name, secret)


def _told(node: Node, given: argparse.Namespace, name: str, secret: str) -> int:
    """Print a link, for people or for scripts."""
    url = f"{node.settings.admin}/admin/enter/{secret}"
    minutes = rules.LINK_COUNTS // rules.MINUTE
    if given.json:
        until = clock.stamp(clock.from_ms(clock.now_ms() + rules.LINK_COUNTS))
        say_json({"name": name, "link": url, "valid_until": until})
    else:
        say(f"For {name}, once, within {minutes} minutes:\n{url}")
    return 0


async def _add(node: Node, given: argparse.Namespace) -> int:
    if not given.role:
        raise UsageError(f"admin add: say --role, one of {', '.join(rules.ROLES)}")

    async def work(session: Session) -> tuple[str, str]:
        language = given.language or node.settings.language
        account = await accounts.add(session, given.name, given.role, language)
        return account.name, await accounts.link(session, account)

    name, secret = await node.database.write(work)
    return _told(node, given, name, secret)


async def _role(node: Node, given: argparse.Namespace, account: Kept) -> int:
    if not given.new:
        raise UsageError(f"admin role: say which one, of {', '.join(rules.ROLES)}")
    role = rules.check_role(given.new)
    await node.database.write(lambda session: accounts.set_role(session, account, role))
    if given.json:
        say_json({"name": account.name, "role": role})
    else:
        say(f"{account.name} is {role} now, and signs in anew.")
    return 0


async def _reset(node: Node, given: argparse.Namespace, account: Kept) -> int:
    """Passkeys, password and codes go; a link to begin again with."""
    warning = (
        f"{account.name} loses every passkey, the password and the codes, and is signed out; "
        "a link lets whoever has it begin again."
    )
    if not (given.yes or agreed(warning)):
        return 1
    secret = await node.database.write(lambda session: accounts.reset(session, account))
    return _told(node, given, account.name, secret)


async def _remove(node: Node, given: argparse.Namespace, account: Kept) -> int:
    async def is_last(session: Session) -> bool:
        return await accounts.is_last_operator(session, account)

    last = " Nobody else is an operator." if await node.database.read(is_last) else ""
    if not (given.yes or agreed(f"{account.name} can't enter the admin pages any more.{last}")):
        return 1

    async def work(session: Session) -> None:
        if await store.by_id(session, account.id) is None:
            raise NotFoundError(f"the account {account.name} was removed meanwhile")
        await accounts.remove(session, account)

    await node.database.write(work)
    if given.json:
        say_json({"removed": account.name})
    else:
        say(f"{account.name} is removed.")
    return 0
