"""The pages of a passage in words."""


def pages(start: int, end: int) -> str:
    """``p. 4`` or ``pp. 4-5`` with a long stroke, for readers."""
    return f"p. {start}" if start == end else f"pp. {start}\u2013{end}"
