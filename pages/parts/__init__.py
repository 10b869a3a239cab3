"""What the pages are made of: wiring, frame, and one module for each view."""
