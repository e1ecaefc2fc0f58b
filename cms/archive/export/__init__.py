"""Write the archive of a department."""
