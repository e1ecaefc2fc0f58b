"""Code that replaces private parts of treebeard because no public hook exists."""
