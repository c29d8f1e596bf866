"""The demo: a hub and its members, each a process of its own, and what they need (top room)."""
