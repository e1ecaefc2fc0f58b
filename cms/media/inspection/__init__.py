"""Inspection of uploaded files in a child process: complete decoding, removal of metadata, renditions of images."""
