"""The context of every chunk, and the contextual index that is made of it."""
