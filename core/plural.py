"""Counted things in words."""


def plural(count: int, noun: str) -> str:
    """``1 contract``, ``18 contracts``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
