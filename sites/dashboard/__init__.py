"""The dashboard of a department: what waits for the user, what ends soon, how far its translations are."""
