"""What a reader asks of a decision: how close it was, what carried a score, who crowds it, what is silent."""
