"""Use cases: one function, one transaction; inbox, pages, API and CLI call the same ones."""
