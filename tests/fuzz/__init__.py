"""A mutation fuzzer for the readers; `bench/fuzz.py` runs it."""
