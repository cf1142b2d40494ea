"""Reads, as an actor may see them."""
