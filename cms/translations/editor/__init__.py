"""The screen on which translators write, and reviewers comment on, approve and send back translations."""
