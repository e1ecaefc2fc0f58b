"""Serializers of the values that content types share: rich text, streams, images, files, people."""
