"""How fast this is, told as ratios against a bare server or loop in the same run (README.md)."""
