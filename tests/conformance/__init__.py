"""Each conformance case, the tests that prove it, and the page that tells."""
