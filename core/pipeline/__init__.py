"""Pipelines as a choice: which modules run for a question, in which order. The reranker is in every one."""
