"""Translations of the texts of images and documents, which readers see wherever a page shows the medium."""
