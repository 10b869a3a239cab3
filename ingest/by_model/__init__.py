"""Texts that a model service writes about parts of contracts when a person asks for it: planned, shown, then made."""
