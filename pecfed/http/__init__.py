"""Doors: what the web asks of a node, answered from the store or handed to the services."""
