"""Nodes and hubs together: real processes, real HTTP, both database engines."""
