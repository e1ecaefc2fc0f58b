"""The dashboard of a department: tasks of the user, pages that expire soon, progress of the translations."""
