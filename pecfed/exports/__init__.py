"""Other formats: pure functions from what the store gives to what the outside reads."""
