"""The Elasticsearch engine: one index for each language in a cluster, behind aliases."""
