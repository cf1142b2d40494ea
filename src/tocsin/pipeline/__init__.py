"""The one path: evidence to tables to findings to an assessment to files. The only place that sees all stations."""
