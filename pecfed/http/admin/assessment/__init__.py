"""The member's side of trust: its self-assessment, what reviewers ask, what members ask it."""
