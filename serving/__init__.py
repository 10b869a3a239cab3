"""The web server in front of the pages: what it answers, to whom, and with which headers."""
