"""What the record can refuse."""

from tocsin.errors import TocsinError


class LedgerError(TocsinError):
    """A value, key, record or file that the ledger cannot take. Its text is fit for the screen."""
