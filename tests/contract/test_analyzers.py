"""What holds for every analyzer in the registry."""

import inspect
import re
from pathlib import Path

import pytest

from tocsin import engines
from tocsin.analyzers import Context, analyzer, analyzers
from tocsin.errors import PluginError
from tocsin.model import Profile
from tocsin.packs.techniques import technique_names
from tocsin.schema import TABLES

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "src" / "tocsin" / "analyzers"

every_analyzer = pytest.mark.parametrize("known", analyzers().values(), ids=list(analyzers()))


@every_analyzer
def test_empty_tables_give_no_findings(known):
    with engines.connect("duckdb", {}) as (connection, tables):
        steps = known.analyze({name: tables[name] for name in known.reads}, Context(Profile(), {}), **known.parameters)
        assert engines.run(connection, steps) == []


@every_analyzer
def test_it_reads_tables_that_there_are(known):
    assert known.reads
    assert set(known.reads) <= set(TABLES)


@every_analyzer
def test_its_techniques_carry_their_framework_and_have_a_name(known):
    assert set(known.techniques) <= set(technique_names())


@every_analyzer
def test_its_docstring_has_the_sections_an_analyst_asks_for(known):
    text = inspect.getdoc(known.analyze) or ""
    sections = re.findall(r"^(\w+):$", text, re.MULTILINE)
    assert [s for s in sections if s in ("Args", "Returns", "Source")] == ["Args", "Returns", "Source"], known.id
    assert "Missed:" in text, f"{known.id}: say what is missed"


@every_analyzer
def test_each_threshold_is_described_and_has_a_default(known):
    text = inspect.getdoc(known.analyze) or ""
    for name, default in known.parameters.items():
        assert isinstance(default, int | float), f"{known.id}: {name} has no default"
        assert re.search(rf"^ +{name}: \S", text, re.MULTILINE), f"{known.id}: Args does not describe {name}"


@every_analyzer
def test_its_title_is_the_question_it_answers(known):
    assert known.title.endswith("?")


@pytest.mark.parametrize("path", sorted(SOURCES.glob("*.py")), ids=lambda path: path.name)
def test_no_analyzer_runs_an_expression_itself(path):
    wrong = re.findall(r"\.(?:execute|to_pyarrow|to_pandas|to_polars|to_pyarrow_batches)\(", path.read_text(encoding="utf-8"))
    assert not wrong, f"{path.name}: yield the expression instead"


@pytest.mark.parametrize("path", sorted(SOURCES.glob("*.py")), ids=lambda path: path.name)
def test_no_analyzer_asks_for_the_time_or_for_chance(path):
    wrong = re.findall(r"\b(?:datetime\.now|time\.time|random\.|uuid4|default_rng)", path.read_text(encoding="utf-8"))
    assert not wrong, f"{path.name}: the same evidence gives the same findings"


def test_two_analyzers_in_one_file_are_refused():
    known = next(iter(analyzers().values()))
    register = analyzer(title="Again?", reads=known.reads, techniques=(), version="1")
    with pytest.raises(PluginError, match=f"analyzers/{known.id}.py: expected one @analyzer per file, found two"):
        register(known.analyze)
