"""How times are written: UTC, day before month, 24 hours, in every language."""
