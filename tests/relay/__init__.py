"""Two networks that may not touch."""
