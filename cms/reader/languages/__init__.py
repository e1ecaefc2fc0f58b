"""The languages of a page: links between them, in its head and in the sitemap, and pages in another language."""
