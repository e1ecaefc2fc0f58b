"""Django's backend of SQLite, whose writers wait in turn (`ENGINE` of the database)."""
