"""Tocsin: evidence in, assessment and ready-to-deploy actions out, offline."""

__version__ = "0.1.0"
