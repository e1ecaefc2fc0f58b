"""Renditions of images: the declared sizes, their making at upload and in the background, and files with a problem."""
