"""One question a file, a folder a chapter."""
