"""PDF pages as pictures, with a passage highlighted."""
