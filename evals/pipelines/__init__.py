"""Pipelines measured beside each other: the same questions, the same candidates' scores, one table."""
