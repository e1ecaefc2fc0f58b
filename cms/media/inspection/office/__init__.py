"""Contents of office files: embedded objects, formats before 2007, and paths of the machine of the author."""
