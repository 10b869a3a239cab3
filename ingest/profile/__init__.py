"""What a contract says about itself: its title, parties, date and governing law."""
