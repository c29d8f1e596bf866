"""Numbered migrations, applied in order, each in one transaction, and recorded."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from importlib import resources

from pecfed import clock
from pecfed.errors import StoreError
from pecfed.store import carried_over
from pecfed.store.database import Database, Session

_LOCK = int.from_bytes(b"pecfed", "big")  # any number of our own
_WORDS = {
    "sqlite": {
        r"\{id\}": "INTEGER PRIMARY KEY AUTOINCREMENT",
        r"\{bytewise\}": "COLLATE BINARY",
        # REPLACE takes a row away without asking a trigger of its deletion
        r"\{unchangeable (\w+)\}": r"""
            CREATE TRIGGER \1_no_insert BEFORE INSERT ON \1
              WHEN EXISTS (SELECT 1 FROM \1 WHERE n >= NEW.n)
              BEGIN SELECT RAISE(ABORT, '\1 only grows'); END;
            CREATE TRIGGER \1_no_update BEFORE UPDATE ON \1
              BEGIN SELECT RAISE(ABORT, '\1 is never changed'); END;
            CREATE TRIGGER \1_no_delete BEFORE DELETE ON \1
              BEGIN SELECT RAISE(ABORT, '\1 is never changed'); END;""",
        r"\{erasable (\w+)\}": r"""
            CREATE TRIGGER \1_no_insert BEFORE INSERT ON \1
              WHEN EXISTS (SELECT 1 FROM \1 WHERE n >= NEW.n)
              BEGIN SELECT RAISE(ABORT, '\1 only grows'); END;
            CREATE TRIGGER \1_no_update BEFORE UPDATE ON \1 WHEN NEW.content <> ''
              BEGIN SELECT RAISE(ABORT, '\1 may be emptied, not changed'); END;
            CREATE TRIGGER \1_no_delete BEFORE DELETE ON \1
              BEGIN SELECT RAISE(ABORT, '\1 may be emptied, not changed'); END;""",
    },
    "postgresql": {
        r"\{id\}": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
        r"\{bytewise\}": 'COLLATE "C"',
        r"\{unchangeable (\w+)\}": r"""
            CREATE FUNCTION \1_never_changed() RETURNS trigger LANGUAGE plpgsql AS
              $$ BEGIN RAISE EXCEPTION '\1 is never changed'; END $$;
            CREATE TRIGGER \1_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON \1
              EXECUTE FUNCTION \1_never_changed();""",
        r"\{erasable (\w+)\}": r"""
            CREATE FUNCTION \1_never_changed() RETURNS trigger LANGUAGE plpgsql AS
              $$ BEGIN RAISE EXCEPTION '\1 may be emptied, not changed'; END $$;
            CREATE TRIGGER \1_no_update BEFORE UPDATE ON \1
              FOR EACH ROW WHEN (NEW.content <> '') EXECUTE FUNCTION \1_never_changed();
            CREATE TRIGGER \1_no_delete BEFORE DELETE OR TRUNCATE ON \1
              EXECUTE FUNCTION \1_never_changed();""",
    },
}
"""What a script says in one word and each engine in its own way, as patterns; `unchangeable` and
`erasable` guard a table whose rows are numbered by `n`, and of which the second may be emptied."""
AFTER: Mapping[int, Callable[[Session], Awaitable[None]]] = {10: carried_over.into_the_log}
"""What a script can't do: run in its transaction, after it."""


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
                    sql = re.sub(word, meaning, sql)
                await session.script(sql)
                if number in AFTER:
                    await AFTER[number](session)
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
