"""Own copies of what another department offers: taking them, and merging the origin's later changes by field."""
