"""Sessions of accounts: their rows, their time limits and their end."""
