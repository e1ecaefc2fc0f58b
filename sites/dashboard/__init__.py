"""The dashboard of a department: tasks of the user, pages that expire soon, pages published recently."""
