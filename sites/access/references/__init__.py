"""References from content to other objects: those to which the user of a request may refer."""
