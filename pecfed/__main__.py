"""`python -m pecfed` is `pecfed`."""

from pecfed.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
