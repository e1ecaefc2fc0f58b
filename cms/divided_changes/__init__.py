"""Changes of many objects in the admin, which several requests make, each in short transactions."""
