"""From raw data to weights: read contracts, build examples, mine negatives, train, calibrate, export."""
