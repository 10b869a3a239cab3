"""The bounded loop that plans, searches, follows references and searches again."""
