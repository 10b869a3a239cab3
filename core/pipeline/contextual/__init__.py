"""Chunks as they read with their context: contract, parties, headings, and what the defined terms in them mean."""
