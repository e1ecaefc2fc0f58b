"""The text of files that published documents show: read once for each content, in a process of its own."""
