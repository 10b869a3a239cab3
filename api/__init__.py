"""Ways in for other programs: a small HTTP API and an MCP server over the same pipeline, read-only."""
