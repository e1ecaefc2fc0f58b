"""Blocks of an event: programme, stands, organisers and committees."""
