"""The index in an Elasticsearch cluster: one index for each language, behind aliases."""
