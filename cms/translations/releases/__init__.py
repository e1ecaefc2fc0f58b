"""Releases: the draft of an original is translated, and published together with its approved translations."""
