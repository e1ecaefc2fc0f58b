"""Create, audit, suspend and protect departments."""
