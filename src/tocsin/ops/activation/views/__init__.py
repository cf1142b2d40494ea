"""Pages, thin: ask queries, call services."""
