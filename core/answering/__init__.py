"""From evidence to an answer: prompt, chat service, citations and quotes, extracts."""
