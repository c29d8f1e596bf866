"""One table of settings: file, environment, documentation (a leaf room).

A node keeps its settings in `DIR/pecfed.toml`, written by `pecfed init`; an
environment variable `PECFED_NAME` stands above the file. Nothing else in the
program reads the environment.
"""

from __future__ import annotations

import ipaddress
import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from pecfed.errors import UsageError

FILE_NAME = "pecfed.toml"
_PORTS = {"https": 443, "http": 80}
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+")


class Setting(NamedTuple):
    """One row of the table: `kind` is `str`, `int` or `bool`."""

    name: str
    kind: type
    default: Any
    help: str
    secret: bool = False


SETTINGS: tuple[Setting, ...] = (
    Setting("role", str, "member", "member, or hub (a node that also keeps the directory)"),
    Setting("url", str, "", "the public address of this node, without a path"),
    Setting("handle_domain", str, "", "the host in handles, where it isn't the node's own"),
    Setting("database", str, "sqlite", "sqlite, or a postgresql:// address", secret=True),
    Setting("language", str, "fr", "fr or en: the language of texts that name none"),
    Setting("development", bool, False, "permits plain http and loopback addresses"),
    Setting("bind", str, "", "HOST:PORT to listen on; empty: where url points"),
    Setting("trusted_proxies", str, "127.0.0.0/8, ::1", "addresses whose X-Forwarded-Host counts"),
    Setting("admin_url", str, "", "the address of the admin pages, where it isn't the node's own"),
    Setting("authorized_fetch", bool, False, "gives ActivityPub to signed requests only"),
    Setting("announce", str, "all", "what a hub announces: all, event, chosen or none"),
    Setting("announce_per_hour", int, 5, "of one member, alone; more goes into a note"),
    Setting("digest", str, "weekly", "a hub's post of what is new: weekly or none"),
    Setting("reviewers", int, 1, "at a hub: how many must agree on a member or an attestation"),
    Setting("undo_seconds", int, 60, "how long a decision in the admin can be undone"),
    Setting("endorsement_days", int, 730, "how long an endorsement holds that is given here"),
    Setting("attestation_days", int, 365, "how long what reviewers found of a statement holds"),
    Setting("label_days", int, 365, "how long a label holds, and never longer than that"),
    Setting("body_bytes", int, 1_000_000, "the largest request body or fetched document taken"),
    Setting("body_seconds", int, 10, "how long a request body may take to arrive"),
    Setting("fetch_seconds", int, 15, "how long reading a peer's document may take in all"),
    Setting("delivery_seconds", int, 20, "how long one delivery may take in all"),
    Setting("deliveries_in_flight", int, 400, "deliveries under way at once"),
    Setting("deliveries_per_host", int, 8, "deliveries under way at once to one host"),
    Setting("key_fetches_per_minute", int, 3000, "unknown senders' keys fetched a minute, in all"),
    Setting("key_fetches_per_host", int, 60, "unknown senders' keys fetched a minute from a host"),
    Setting("show_replies", bool, False, "whether pages show public replies, or only count them"),
    Setting("strangers_per_minute", int, 1200, "activities taken a minute from one unknown host"),
    Setting("reconcile_hours", int, 24, "how often a hub reads each member's outbox again"),
    Setting("collection_pages", int, 10, "pages read of one remote collection"),
    Setting("collection_items", int, 500, "items read of one remote collection"),
    Setting("silent_days", int, 7, "a member whose node is away for so long is shown as silent"),
    Setting("still_true_days", int, 365, "how often a hub asks each member if all is still true"),
    Setting(
        "listen_hashtag", str, "PlateformesEnCommuns", "at a hub: lists notes with this hashtag"
    ),
    Setting("smtp_host", str, "", "the mail server that notices are sent by; empty: no mail"),
    Setting("smtp_port", int, 587, "its port"),
    Setting("smtp_security", str, "starttls", "starttls, tls, or none (on this machine only)"),
    Setting("smtp_user", str, "", "the name to sign in there with; empty: without"),
    Setting("smtp_password", str, "", "and its password", secret=True),
    Setting("mail_from", str, "", "the address that notices come from"),
    Setting("legal_name", str, "", "legal notice: who is responsible for this site"),
    Setting("legal_address", str, "", "… its postal address"),
    Setting("legal_contact", str, "", "… how it is reached: a mail or web address"),
    Setting("legal_publisher", str, "", "… the person who answers for what is published"),
    Setting("legal_host", str, "", "… who hosts the machine, and in which country"),
)  # fmt: skip
BY_NAME = {setting.name: setting for setting in SETTINGS}


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one node; the fields are the rows of `SETTINGS`, and its folder."""

    dir: Path
    role: str
    url: str
    handle_domain: str
    database: str
    language: str
    development: bool
    bind: str
    trusted_proxies: str
    admin_url: str
    authorized_fetch: bool
    announce: str
    announce_per_hour: int
    digest: str
    reviewers: int
    undo_seconds: int
    endorsement_days: int
    attestation_days: int
    label_days: int
    body_bytes: int
    body_seconds: int
    fetch_seconds: int
    delivery_seconds: int
    deliveries_in_flight: int
    deliveries_per_host: int
    key_fetches_per_minute: int
    key_fetches_per_host: int
    show_replies: bool
    strangers_per_minute: int
    reconcile_hours: int
    collection_pages: int
    collection_items: int
    silent_days: int
    still_true_days: int
    listen_hashtag: str
    smtp_host: str
    smtp_port: int
    smtp_security: str
    smtp_user: str
    smtp_password: str
    mail_from: str
    legal_name: str
    legal_address: str
    legal_contact: str
    legal_publisher: str
    legal_host: str

    @property
    def is_hub(self) -> bool:
        """Whether this node also keeps the directory."""
        return self.role == "hub"

    @property
    def host(self) -> str:
        """The node's own host, with the port where there is one."""
        return urlsplit(self.url).netloc

    @property
    def admin(self) -> str:
        """The address under which the admin pages stand, without a path."""
        return self.admin_url or self.url

    @property
    def media(self) -> Path:
        """Where the pictures that this node serves are kept."""
        return self.dir / "media"

    @property
    def handles_host(self) -> str:
        """The host that stands in this node's handles."""
        return self.handle_domain or self.host

    def proxies(self) -> tuple[Network, ...]:
        """The addresses in `trusted_proxies`.

        Raises:
            UsageError: one of them is none.
        """
        found = []
        for part in filter(None, (each.strip() for each in self.trusted_proxies.split(","))):
            try:
                found.append(ipaddress.ip_network(part))
            except ValueError:
                raise UsageError(
                    f"trusted_proxies: {part!r} is no address or network; write them with commas "
                    "between, as 10.0.0.7, 172.18.0.0/16"
                ) from None
        return tuple(found)

    def listen(self) -> tuple[str, int]:
        """Where to listen: `bind`, else where a loopback url points, else 127.0.0.1:8000."""
        address = self.bind
        if not address:
            parts = urlsplit(self.url)
            local = is_loopback(parts.hostname or "") and parts.scheme == "http"
            address = parts.netloc if local else "127.0.0.1:8000"
            if local and parts.port is None:
                address += ":80"
        host, _, port = address.rpartition(":")
        if not host or not re.fullmatch("[0-9]{1,5}", port) or not 0 < int(port) < 65536:
            raise UsageError(
                f"{address!r} is no place to listen; write HOST:PORT, as 127.0.0.1:8000"
            )
        return host.strip("[]"), int(port)


def is_loopback(host: str) -> bool:
    """Whether a host name or address can only mean this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def check(values: dict[str, Any]) -> dict[str, Any]:
    """Check the settings that can be wrong together; returns them with the url tidied.

    Raises:
        UsageError: naming the setting, what is wrong with it and what would be right.
    """
    scheme, host, port = _public(str(values["url"]))
    if values["development"] and not is_loopback(host):
        raise UsageError(
            f"development mode permits plain http and loopback peers, so it is refused for a "
            f"public name ({host}); use http://127.0.0.1:PORT, or leave --development out"
        )
    if scheme == "http" and not values["development"]:
        raise UsageError("url: plain http is for --development only; a node speaks https in public")
    for name, allowed in (
        ("role", ("member", "hub")),
        ("language", ("fr", "en")),
        ("announce", ("all", "event", "chosen", "none")),
        ("digest", ("weekly", "none")),
        ("smtp_security", ("starttls", "tls", "none")),
    ):
        if values[name] not in allowed:
            raise UsageError(f"{name} {values[name]!r}: choose one of {', '.join(allowed)}")
    database = str(values["database"])
    if database != "sqlite" and urlsplit(database).scheme not in {"postgresql", "postgres"}:
        raise UsageError("database: write sqlite, or an address as postgresql://user@host/name")
    _check_mail(values)
    domain = str(values["handle_domain"])
    name, _, number = domain.partition(":")
    if domain and not (
        _HOST.fullmatch(name) and domain == domain.lower() and number.isdecimal() == (":" in domain)
    ):
        raise UsageError(f"handle domain {domain!r}: write a bare lower-case host, as example.coop")
    if values["reviewers"] not in {1, 2}:
        raise UsageError(f"reviewers {values['reviewers']}: choose 1 or 2")
    for setting in SETTINGS:
        if setting.kind is int and values[setting.name] <= 0:
            raise UsageError(f"{setting.name} {values[setting.name]}: must be above zero")
    url, admin = f"{scheme}://{host}{port}", _admin(values)
    return {**values, "url": url, "admin_url": "" if admin == url else admin}


def _admin(values: dict[str, Any]) -> str:
    """The address of the admin pages, tidied; "" where it is the node's own.

    Raises:
        UsageError: it is none, or not one that a session's cookie is safe at.
    """
    given = str(values["admin_url"])
    if not given:
        return ""
    scheme, host, port = _public(given, "admin_url")
    if scheme == "http" and not (values["development"] or is_loopback(host)):
        raise UsageError("admin_url: plain http is for addresses of this machine only")
    return f"{scheme}://{host}{port}"


def _check_mail(values: dict[str, Any]) -> None:
    """Refuse settings for mail that can't work, or would show a password to the network.

    Raises:
        UsageError: saying which, and what would be right.
    """
    host, sender = str(values["smtp_host"]), str(values["mail_from"])
    if not host:
        return
    if not re.fullmatch(r"[^@\s<>]+@[A-Za-z0-9.-]+", sender):
        raise UsageError(f"mail_from {sender!r}: write an address, as annuaire@example.coop")
    if values["smtp_security"] == "none" and not is_loopback(host):
        raise UsageError(
            f"smtp_security: without starttls or tls mail goes to this machine only, not to {host}"
        )


def _public(url: str, name: str = "url") -> tuple[str, str, str]:
    """Scheme, host and port (":8000", "" where it is the scheme's own) of a public address.

    Raises:
        UsageError: it is none that others could ask.
    """
    wrong = UsageError(
        f"{name} {url!r}: write the public address without a path, as https://node.example.coop"
    )
    try:
        parts = urlsplit(url.rstrip("/"))
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        raise wrong from None
    if "@" in parts.netloc:
        raise UsageError(
            f"{name}: an address with a user name in it can't be a node's public address"
        )
    if parts.scheme not in _PORTS or not host or parts.path or parts.query or parts.fragment:
        raise wrong
    if not _HOST.fullmatch(host):
        raise UsageError(f"{name}: {host!r} is no host name; write one beyond a-z in its xn-- form")
    shown = "" if port in {None, _PORTS[parts.scheme]} else f":{port}"
    return parts.scheme, f"[{host}]" if ":" in host else host, shown


def _typed(setting: Setting, value: object, where: str) -> Any:
    """A value from a file or the environment in the setting's own type."""
    if setting.kind is bool:
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lower() in {"1", "true", "yes", "0", "false", "no"}:
            return value.lower() in {"1", "true", "yes"}
        raise UsageError(f"{where}: {setting.name} must be true or false, not {value!r}")
    if setting.kind is int:
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if isinstance(value, str) and value.isascii() and value.isdecimal():
            return int(value)
        raise UsageError(f"{where}: {setting.name} must be a whole number, not {value!r}")
    if not isinstance(value, str):
        raise UsageError(f"{where}: {setting.name} must be a text, not {value!r}")
    return value


def make(folder: Path, given: dict[str, Any]) -> Settings:
    """Settings from what was given and the defaults, checked.

    Raises:
        UsageError: a setting is unknown or wrong.
    """
    unknown = sorted(set(given) - set(BY_NAME))
    if unknown:
        raise UsageError(f"{folder / FILE_NAME}: there is no setting named {unknown[0]!r}")
    values = {s.name: given.get(s.name, s.default) for s in SETTINGS}
    made = Settings(dir=folder, **check(values))
    made.proxies()
    return made


def load(folder: Path) -> Settings:
    """The settings of the node in `folder`: its file, then `PECFED_…` variables above it.

    Raises:
        UsageError: there is no node in that folder, or a setting is wrong.
    """
    path = folder / FILE_NAME
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(
            f"there is no node in {folder}; make one with: pecfed init --dir {folder}"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: {error}") from None
    given = {
        name: _typed(BY_NAME[name], value, str(path)) if name in BY_NAME else value
        for name, value in table.items()
    }
    for setting in SETTINGS:
        variable = f"PECFED_{setting.name.upper()}"
        if variable in os.environ:
            given[setting.name] = _typed(setting, os.environ[variable], variable)
    return make(folder, given)


def child_environment() -> dict[str, str]:
    """The environment for a process of our own: this one's, less every `PECFED_` setting."""
    return {
        k: v for k, v in os.environ.items() if not k.startswith("PECFED_") or k == "PECFED_VENV"
    }
