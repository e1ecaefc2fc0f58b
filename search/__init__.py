"""One search index over everything published, built from the change feed of `cms.delivery`."""
