"""Management commands of outgoing e-mail."""
