"""Corpus, contract, section, clause: what a question names, and which contracts and sections are nearest to it."""
