"""Search: how words are cut, what engines answer, how an index follows the feed."""
