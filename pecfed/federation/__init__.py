"""Speaks the wire: keys, signatures, fetching, receiving, delivering."""
