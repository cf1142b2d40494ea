"""How a table is described: name, one sentence on its rows, and per column its type and meaning."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    import ibis

TIME = pa.timestamp("us", tz="UTC")
_IBIS = {
    pa.string(): "string",
    pa.int64(): "int64",
    pa.int32(): "int32",
    pa.float64(): "float64",
    pa.bool_(): "boolean",
    TIME: "timestamp('UTC', 6)",
}
TRACE = {
    "evidence_id": (pa.string(), "Evidence the row was read from."),
    "record_offset": (pa.int64(), "Byte in the unwrapped evidence where the row's (first) record starts."),
}


@dataclass(frozen=True)
class Table:
    """A table's contract: ``columns`` maps a name to its Arrow type and a sentence on its meaning and unit."""

    name: str
    rows: str
    columns: dict[str, tuple[pa.DataType, str]]

    @cached_property
    def arrow(self) -> pa.Schema:
        """The Arrow schema readers yield; every column is nullable."""
        return pa.schema([pa.field(name, kind) for name, (kind, _) in (self.columns | TRACE).items()])

    @cached_property
    def ibis(self) -> "ibis.Schema":
        """The same schema for expressions."""
        import ibis

        return ibis.schema({field.name: _IBIS[field.type] for field in self.arrow})
