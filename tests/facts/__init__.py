"""Facts of the five cases of the project, checked from the demo to the API and the reader."""
