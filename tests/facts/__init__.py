"""The facts of the five cases, from the demo through the API and the reader."""
