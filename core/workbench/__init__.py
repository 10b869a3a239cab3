"""What readers decide about rankings: decisions on record, overrides, labels, reviews. Nothing here ranks."""
