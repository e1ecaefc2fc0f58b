"""The rows of the migrations on PostgreSQL, which each test that commits restores at its end.

They are kept in a schema of their own in the test database. To delete what a test has committed and insert them again
takes a tenth of the time of emptying every table and loading a serialized database, as Django does.
"""

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

SCHEMA = "migrated_rows"
# Above this number of rows in a table, to empty all tables is faster: PostgreSQL checks the references to each row that
# is deleted.
DELETED_ROWS = 1_000


def keep() -> None:
    """Store copies of all rows, if this database has no copies yet."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [SCHEMA])
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE SCHEMA {SCHEMA}")
            for table in _numbers_of_rows(cursor):
                cursor.execute(f"CREATE TABLE {SCHEMA}.{_quote(table)} AS TABLE {_quote(table)}")


def restore() -> None:
    """Replace all rows by the copies. The sequences stay as they are."""
    from sites.models.append_only import deletion_allowed  # The applications are not ready when tests are collected.

    with transaction.atomic(), deletion_allowed("default"), connection.cursor() as cursor:
        rows = _numbers_of_rows(cursor)
        if max(rows.values(), default=0) > DELETED_ROWS:
            cursor.execute(f"TRUNCATE {', '.join(map(_quote, _tables(cursor, 'public')))}")
        else:
            for table in rows:
                cursor.execute(f"DELETE FROM {_quote(table)}")  # noqa: S608
        for table in _tables(cursor, SCHEMA):
            cursor.execute(f"INSERT INTO {_quote(table)} TABLE {SCHEMA}.{_quote(table)}")


def _tables(cursor: CursorWrapper, schema: str) -> list[str]:
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema])
    return [name for (name,) in cursor.fetchall()]


def _numbers_of_rows(cursor: CursorWrapper) -> dict[str, int]:
    """Return the number of rows, counted up to the limit, of each table that has any."""
    counts = " UNION ALL ".join(
        f"SELECT '{table}', count(*) FROM (SELECT 1 FROM {_quote(table)} LIMIT {DELETED_ROWS + 1}) counted"  # noqa: S608
        for table in _tables(cursor, "public")
    )
    cursor.execute(counts)
    return {table: number for table, number in cursor.fetchall() if number}


def _quote(name: str) -> str:
    return connection.ops.quote_name(name)
