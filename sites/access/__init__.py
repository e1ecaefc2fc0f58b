"""Access control: which department an object belongs to, and what each role may do with it."""
