"""Small files with their correct result. `python -m tests.files FOLDER` writes all of them."""
