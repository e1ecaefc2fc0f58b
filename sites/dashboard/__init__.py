"""The dashboard of a department: tasks of the user, pages that end soon, progress of the translations."""
