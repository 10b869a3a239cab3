"""Retrieval quality, measured: labelled questions, the product's own pipeline, figures with intervals."""
