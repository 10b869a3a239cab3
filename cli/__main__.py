"""``python -m cli`` is ``proviso``."""

from cli.main import main

main()
