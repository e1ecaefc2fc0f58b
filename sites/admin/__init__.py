"""The admin as departments see it: which address is whose, and the screens of their own."""
