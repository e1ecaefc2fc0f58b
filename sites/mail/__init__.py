"""Outgoing e-mail: an outbox in the database, which a task sends outside requests and transactions."""
