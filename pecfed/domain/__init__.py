"""Frozen dataclasses and pure rules: no I/O, no await, no clock of its own."""
