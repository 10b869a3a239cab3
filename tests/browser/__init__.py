"""The app in a real browser, with the real models."""
