"""What people do with a browser, done with Chromium on a live server."""
