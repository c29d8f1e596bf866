"""Opens the database that the settings name."""

from __future__ import annotations

from pecfed.errors import StoreError
from pecfed.settings import Settings
from pecfed.store.database import Database
from pecfed.store.migrate import migrate
from pecfed.store.sqlite import SqliteDatabase


async def open_database(settings: Settings, *, watch: bool = False) -> Database:
    """The node's database, brought to this program's version.

    `watch` makes the bells ring for what other processes write.

    Raises:
        StoreError: it can't be opened, or belongs to a newer program.
    """
    database: Database
    if settings.database == "sqlite":
        database = await SqliteDatabase.open(settings.dir / "pecfed.db", watch=watch)
    else:
        try:
            from pecfed.store.postgresql import PostgresqlDatabase
        except ModuleNotFoundError:
            raise StoreError(
                "PostgreSQL needs asyncpg: pip install 'pecfed[postgres]'", retry=False
            ) from None
        database = await PostgresqlDatabase.open(settings.database, watch=watch)
    try:
        await migrate(database)
    except BaseException:
        await database.close()
        raise
    return database
