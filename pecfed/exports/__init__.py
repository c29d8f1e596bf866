"""Other formats: pure functions from what the store gives to what the outside reads."""

from __future__ import annotations

from pecfed.exports import apply_file

FORMATS = {"apply_file": apply_file.write}
"""Each format's writer, by its file."""
