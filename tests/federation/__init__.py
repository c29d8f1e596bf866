"""The federation, over real signed HTTP."""
