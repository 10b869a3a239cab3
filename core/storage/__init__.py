"""Where contracts are kept: catalogue, originals, queue, Qdrant, BM25, and the library over them."""
