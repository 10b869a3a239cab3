"""Everything between the contracts and the screen: stores, models, and the three stages of an answer."""
