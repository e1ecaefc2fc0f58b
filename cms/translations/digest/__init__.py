"""The daily e-mail about translations: who has what to do, the message, and the setting that switches it off."""
