"""The test suite of the engine contract, run on both engines."""
