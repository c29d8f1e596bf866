"""The public API, version 1: what the directory shows, as JSON."""
