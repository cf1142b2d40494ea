"""What holds for all tables together, and for the standards' numbers."""

import re
from enum import Enum

import pytest

from tocsin import terms
from tocsin.schema import TABLES
from tocsin.schema.columns import TRACE

every_table = pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))


def test_one_column_name_has_one_type_across_tables():
    kinds: dict[str, dict[str, list[str]]] = {}
    for table in TABLES.values():
        for field in table.arrow:
            kinds.setdefault(field.name, {}).setdefault(str(field.type), []).append(table.name)
    assert {name: of for name, of in kinds.items() if len(of) > 1} == {}


@every_table
def test_table_and_columns_are_described_in_sentences(table):
    assert table.rows.endswith(".")
    for name, (_, meaning) in table.columns.items():
        assert meaning[0].isupper() or meaning[0] == "`", f"{table.name}.{name}"
        assert meaning.endswith("."), f"{table.name}.{name}: {meaning!r}"
        assert re.fullmatch(r"[a-z][a-z0-9_]*", name)


@every_table
def test_every_row_leads_back_to_its_bytes(table):
    assert table.arrow.names[-2:] == ["evidence_id", "record_offset"] == list(TRACE)
    assert not set(TRACE) & set(table.columns)


@every_table
def test_every_column_may_be_null(table):
    assert all(field.nullable for field in table.arrow)


@every_table
def test_expressions_see_the_columns_that_readers_fill(table):
    assert list(table.ibis.names) == table.arrow.names
    assert table.ibis.to_pyarrow().types == table.arrow.types


def test_each_table_is_registered_under_its_name():
    assert all(name == table.name for name, table in TABLES.items())


@pytest.mark.parametrize(
    "name", sorted(n for n, v in vars(terms).items() if isinstance(v, type) and v.__module__ == terms.__name__)
)
def test_no_number_or_word_of_a_standard_stands_for_two_things(name):
    kind = getattr(terms, name)
    if issubclass(kind, Enum):
        values = [kind[member].value for member in kind.__members__]
    else:
        values = [value for key, value in vars(kind).items() if not key.startswith("_")]
    assert len(values) == len(set(values))
    assert kind.__doc__
