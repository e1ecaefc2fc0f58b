"""The registry of content types, tried with a type that exists only in these tests."""
