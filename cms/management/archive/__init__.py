"""The archive of a department: everything it owns in one file or folder, written, read and restored."""
