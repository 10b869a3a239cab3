"""What is searched beside the question: other wordings, words of the first passages found, a hypothetical clause."""
