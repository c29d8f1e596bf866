"""Reads other formats and says what they want published; never publishes itself."""
