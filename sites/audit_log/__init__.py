"""The audit logs of departments and of the instance: what is recorded, and by which signals."""
