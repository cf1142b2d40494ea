"""Imported once by the fork server, so that every reading process starts with the readers ready."""

from tocsin.pipeline import reading
from tocsin.readers import readers

readers()

__all__ = ["reading"]
