"""Dates and times of the room."""

DATE_FORMAT = "j M Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j M Y, H:i"
SHORT_DATE_FORMAT = "j M"
THOUSAND_SEPARATOR = "\u202f"
NUMBER_GROUPING = 3
