"""Which key an actor signs with now, though another process may have changed it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from pecfed import clock
from pecfed.domain.profile import Profile
from pecfed.errors import StoreError
from pecfed.federation.keyfiles import KeyFiles, public_half
from pecfed.federation.keys import STEADY_SECONDS, Keyring
from pecfed.federation.multikey import base58, read_ed25519, rsa_multikey, unbase58
from pecfed.settings import Settings, make
from pecfed.store import actors, keys
from pecfed.store.database import Database, Session
from pecfed.store.open import open_database
from tests.servers import KeyBox, eventually

VELO = "https://node.example/actors/velo"


@pytest.fixture
async def settings(tmp_path: Path, keys: KeyBox, new_database: object) -> AsyncIterator[Settings]:
    """A node's folder, with keys for velo."""
    lent = keys.lend(tmp_path / "keys", ["velo"])
    yield make(tmp_path, {"url": "https://node.example", "database": await new_database()})  # type: ignore[operator]
    keys.give_back(lent)


@pytest.fixture
async def serving(settings: Settings) -> AsyncIterator[Database]:
    """The database as a serving process has it."""
    database = await open_database(settings, watch=True)
    pem, multikey = KeyFiles(settings.dir).make("velo")
    await database.write(
        lambda session: actors.add(
            session, username="velo", card="member", uri=VELO, profile=Profile("Vélo"),
            rsa_public=pem, ed25519_public=multikey, now=1,
        )
    )  # fmt: skip
    yield database
    await database.close()


class Counting:
    """A database that counts how often it is read."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.reads = 0

    @property
    def revision(self) -> int:
        """The database's own."""
        return self._database.revision

    async def read(self, work: object) -> object:
        """One more."""
        self.reads += 1
        return await self._database.read(work)  # type: ignore[arg-type]


async def test_signing_asks_the_database_once(settings: Settings, serving: Database) -> None:
    """A thousand signatures, one reading, though the database changes meanwhile."""
    counting = Counting(serving)
    ring = Keyring(KeyFiles(settings.dir), counting)  # type: ignore[arg-type]
    for number in range(1000):
        uri, key = await ring.rsa("velo")
        assert uri == f"{VELO}#main-key" and key.key_size == 2048
        if number % 100 == 0:
            await serving.write(actors.count_posts)
    assert counting.reads == 1
    signer = await ring.ed25519("velo")
    assert signer.uri == f"{VELO}#ed25519-key"
    signer.key.public_key().verify(signer.key.sign(b"x"), b"x")


async def test_it_hears_of_another_process(settings: Settings, serving: Database) -> None:
    """Within seconds the key that another process made is the one that signs."""
    ring, files = Keyring(KeyFiles(settings.dir), serving), KeyFiles(settings.dir)
    old = await ring.ed25519("velo")
    other = await open_database(settings)
    name, public = files.make_new("velo", "ed25519")

    async def rotate(session: Session) -> None:
        actor = await actors.by_username(session, "velo")
        assert actor is not None
        now = clock.now_ms()
        await keys.retire(session, old.uri, now, now)
        await keys.add(session, actor.id, f"{VELO}#{name}", "ed25519", public, now)
        await session.wake("deliveries")

    await other.write(rotate)
    await other.close()

    async def is_new() -> bool:
        return (await ring.ed25519("velo")).uri == f"{VELO}#{name}"

    await eventually(is_new, 4 * STEADY_SECONDS)
    assert public_half((await ring.ed25519("velo")).key) == public


async def test_a_missing_file_is_a_clear_refusal(settings: Settings, serving: Database) -> None:
    """It names the file; a name that isn't ours is refused, too."""
    ring = Keyring(KeyFiles(settings.dir), serving)
    assert KeyFiles(settings.dir).remove("velo", f"{VELO}#main-key")
    assert not KeyFiles(settings.dir).remove("velo", f"{VELO}#main-key")
    with pytest.raises(StoreError, match=r"velo\.rsa\.pem can't be read"):
        await ring.rsa("velo")
    with pytest.raises(StoreError, match="'nobody' has no ed25519 key"):
        await ring.ed25519("nobody")


async def test_many_ask_at_once(settings: Settings, serving: Database) -> None:
    """Who comes while the table is being read gets the same answer."""
    ring = Keyring(KeyFiles(settings.dir), serving)
    found = await asyncio.gather(*(ring.rsa("velo") for _ in range(20)))
    assert {uri for uri, _ in found} == {f"{VELO}#main-key"}


def test_new_pairs_are_files_of_their_own(tmp_path: Path) -> None:
    """Mode 0600, a name that was never used, and nothing half written is left."""
    files = KeyFiles(tmp_path)
    files.make("velo")
    names = [files.make_new("velo", "ed25519")[0] for _ in range(3)]
    assert len(set(names)) == 3
    made = sorted((tmp_path / "keys").glob("velo.*"))
    assert {path.stat().st_mode & 0o777 for path in made} == {0o600}
    assert {path.name for path in made} == {
        "velo.rsa.pem", "velo.ed25519.pem", *(f"velo.{name}.pem" for name in names),
    }  # fmt: skip
    assert isinstance(files.load("velo", "x#main-key"), rsa.RSAPrivateKey)
    assert isinstance(files.load("velo", names[0]), ed25519.Ed25519PrivateKey)


def test_multikeys() -> None:
    """Base58 both ways; an RSA key begins with z4MX, an Ed25519 key with z6Mk (FEP-521a)."""
    for data in (b"", b"\0", b"\0\0a", bytes(range(256))):
        assert unbase58(base58(data)) == data
    for wrong in ("0", "l", "a b", "1" * 3000):
        with pytest.raises(ValueError, match="base58"):
            unbase58(wrong)
    key = ed25519.Ed25519PrivateKey.generate()
    assert public_half(key).startswith("z6Mk")
    assert read_ed25519(public_half(key)) == key.public_key()
    pem = public_half(rsa.generate_private_key(public_exponent=65537, key_size=2048))
    assert rsa_multikey(pem).startswith("z4MX")
    for wrong in (rsa_multikey(pem), "z6Mk", "f00", "z" + base58(b"\xed\x01" + b"x" * 31)):
        with pytest.raises(ValueError, match="Multikey"):
            read_ed25519(wrong)
