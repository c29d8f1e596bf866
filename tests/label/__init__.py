"""Labels as people and programs meet them: the page, the badge, other implementations."""
