"""Reading and writing the wire, dates, HTML."""
