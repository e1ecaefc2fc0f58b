"""Services of machine translation: requests, the keys and choices of the departments, and their daily use."""
