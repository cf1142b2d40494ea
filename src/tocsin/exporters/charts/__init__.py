"""Charts: each finding against its own usual, and all findings on one time axis, as Vega-Lite specs drawn offline.

The specs are plain dicts, not altair objects: importing altair costs two seconds, twice what the whole report takes. All
charts of an assessment are drawn in one call, because each call of the converter compiles Vega-Lite's specs anew.
"""

from tocsin.exporters.charts._draw import Chart, Sheet, draw, tokens
from tocsin.exporters.charts.series import series_sheet
from tocsin.exporters.charts.timeline import timeline_sheet

__all__ = ["Chart", "Sheet", "draw", "series_sheet", "timeline_sheet", "tokens"]
