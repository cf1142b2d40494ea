"""A reading process holds what reading needs, and no more."""

import subprocess
import sys

import pytest

SAY = """
import sys
from tocsin.pipeline import preload
import pyarrow as pa
pa.table({"a": [1, None], "b": ["x", "y"]})
print(pa.default_memory_pool().backend_name, *sorted(set(sys.modules) & set(sys.argv[1:])))
"""


@pytest.mark.parametrize("then", ["json", "pandas"])
def test_readers_hold_none_of_what_comes_after_reading_and_may_still_import_it(then: str) -> None:
    heavy = ["ibis", "duckdb", "sqlglot", "pandas", "stix2", "typst", "vl_convert", "jinja2", "rich"]
    said = subprocess.run([sys.executable, "-c", SAY + f"import {then}", *heavy], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["system"]
