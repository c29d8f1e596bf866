"""Pages and API, asked over loopback."""
