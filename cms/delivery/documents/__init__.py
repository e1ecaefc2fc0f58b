"""The published documents of pages: their header, their placements and the objects that they show."""
