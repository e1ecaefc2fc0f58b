"""Rules for passwords beside their length."""
