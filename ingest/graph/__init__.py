"""Each contract's part of the graph, made from its text without a model."""
