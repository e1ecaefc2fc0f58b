"""Members of a department: roles, invitations and their screens."""
