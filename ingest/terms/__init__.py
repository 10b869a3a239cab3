"""What a contract's own words point at: defined terms with their definitions, references to other clauses."""
