"""The PDF reader: text with positions, in a process of its own."""
