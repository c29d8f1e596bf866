"""Numbered migrations, applied in order, each in one transaction, and recorded."""

from __future__ import annotations

from importlib import resources

from pecfed import clock
from pecfed.errors import StoreError
from pecfed.store.database import Database, Session

_LOCK = int.from_bytes(b"pecfed", "big")  # any number of our own
_WORDS = {
    "sqlite": {"{id}": "INTEGER PRIMARY KEY AUTOINCREMENT", "{bytewise}": "COLLATE BINARY"},
    "postgresql": {
        "{id}": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
        "{bytewise}": 'COLLATE "C"',
    },
}


def scripts() -> list[tuple[int, str, str]]:
    """Every migration as (number, name, SQL), in order."""
    folder = resources.files("pecfed.store") / "migrations"
    found = [entry for entry in folder.iterdir() if entry.name.endswith(".sql")]
    return [
        (int(entry.name[:4]), entry.name.removesuffix(".sql"), entry.read_text(encoding="utf-8"))
        for entry in sorted(found, key=lambda entry: entry.name)
    ]


async def migrate(database: Database) -> list[str]:
    """Bring the database to this program's version; the names of what was applied.

    Raises:
        StoreError: the database was written by a newer program.
    """
    words = _WORDS[database.engine]

    async def apply(session: Session) -> list[str]:
        if database.engine == "postgresql":
            # two processes that start at once must not migrate at once, nor both make the table
            await session.value(f"SELECT pg_advisory_xact_lock({_LOCK})")
        await session.script(
            "CREATE TABLE IF NOT EXISTS migrations "
            "(number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)"
        )
        done = await session.value("SELECT max(number) FROM migrations") or 0
        known = scripts()
        if done > known[-1][0]:
            raise StoreError(
                f"this database is at version {done}, this program knows {known[-1][0]}: "
                "install the newer pecfed, or restore a backup made before the upgrade",
                retry=False,
            )
        names = []
        for number, name, text in known:
            if number > done:
                sql = text
                for word, meaning in words.items():
                    sql = sql.replace(word, meaning)
                await session.script(sql)
                await session.run(
                    "INSERT INTO migrations (number, name, applied_at) VALUES (?, ?, ?)",
                    number, name, clock.now_ms(),
                )  # fmt: skip
                names.append(name)
        return names

    return await database.write(apply)


async def version(session: Session) -> int:
    """The number of the last migration; also the cheapest proof that the database answers."""
    return int(await session.value("SELECT max(number) FROM migrations"))
