"""Follow-up questions become questions that stand alone, before anything is searched."""
