"""pecfed: the federated directory of fair, open, cooperative platforms.

A member node speaks for a platform, a hub keeps the directory; both are
ordinary citizens of the Fediverse. CONTRIBUTING.md has the map of the rooms.
"""

__version__ = "0.1.0"
