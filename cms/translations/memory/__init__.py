"""The translation memory: pairs of texts that departments have translated, and the suggestions made from them."""
