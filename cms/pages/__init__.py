"""Page models, snippets and serializers of the content types."""
