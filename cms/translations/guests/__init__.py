"""Review by guests: links to one translation without an account, their screen, and the log of their uses."""
