"""The command line as scripts rely on it."""
