"""The store's promises, on both engines."""
