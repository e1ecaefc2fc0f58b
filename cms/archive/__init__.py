"""Export, restore and retire a department: everything it owns in one file or folder."""
