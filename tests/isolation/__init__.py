"""No department reads or writes what belongs to another, at any address of the admin."""
