"""The sequences of PostgreSQL that number primary keys, which a rollback does not reset as it does on SQLite."""

from django.db import connection

Sequences = dict[str, int | None]


def read_sequences() -> Sequences:
    """Return the last value of each sequence of the database; None for a sequence that was never used."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = current_schema()")
        return dict(cursor.fetchall())


def set_sequences(values: Sequences) -> None:
    """Set the last values of these sequences."""
    if not values:
        return
    calls: list[str] = []
    parameters: list[str | int | bool] = []
    for name, value in values.items():
        calls.append("setval(%s::regclass, %s, %s)")
        parameters += [connection.ops.quote_name(name), 1 if value is None else value, value is not None]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(calls)}", parameters)


def changed_sequences(before: Sequences) -> Sequences:
    """Return the entries of `before` whose sequences have another value now."""
    now = read_sequences()
    return {name: value for name, value in before.items() if name in now and now[name] != value}
