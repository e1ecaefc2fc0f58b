"""The change of the e-mail address of an account."""
