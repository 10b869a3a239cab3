"""Reviews: the questions of a set put to every contract of a list, one cell for each pair. Nothing here ranks."""
