"""How a contract's headings and numbering are understood."""
