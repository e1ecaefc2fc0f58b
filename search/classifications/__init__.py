"""Official classifications of occupations, ESCO and ROME: their files, the tables they fill, the pages they concern."""
