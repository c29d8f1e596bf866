"""The admin pages: who may enter, and what each role finds there."""
