"""The forms of logins and passwords, and what ends when the login of an account changes."""
