"""What contracts point at, as a graph, and the walk over it that finds what a question does not say.

Sources of the idea: Gutierrez et al., "HippoRAG: Neurobiologically Inspired Long-Term Memory for Large Language
Models", NeurIPS 2024 (arXiv 2405.14831); "From RAG to Memory", 2025 (arXiv 2502.14802).
"""
