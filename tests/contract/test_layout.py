"""A test file per source file, and every plugin in the documents for users."""

from pathlib import Path

import pytest

from tocsin.analyzers import analyzers
from tocsin.readers import readers
from tocsin.schema import TABLES

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "src" / "tocsin"
# Tested where they are used: in the test named beside them.
ELSEWHERE = {
    "analyzers/__init__.py": "contract/test_analyzers.py",
    "analyzers/_candidates.py": "unit/analyzers/test_denial_of_service.py",
    "analyzers/_observed.py": "unit/analyzers/test_denial_of_service.py",
    "analyzers/_senders.py": "unit/analyzers/test_denial_of_service.py",
    "cli/__init__.py": "unit/cli/test_main.py",
    "exporters/__init__.py": "unit/exporters/test_exchange.py",
    "intake/__init__.py": "unit/intake/test_walk.py",
    "intake/members.py": "unit/intake/test_walk.py",
    "model/__init__.py": "unit/model/test_finding.py",
    "model/assessment.py": "unit/model/test_finding.py",
    "model/evidence.py": "contract/test_readers.py",
    "model/traffic.py": "unit/exporters/actions/test_rules.py",
    "packs/__init__.py": "unit/packs/test_amplifiers.py",
    "pipeline/__init__.py": "integration/test_assess.py",
    "pipeline/spark.py": "integration/test_spark.py",
    "processes.py": "unit/pipeline/test_reading.py",
    "readers/__init__.py": "contract/test_readers.py",
    "scenario/__init__.py": "unit/scenario/test_build.py",
    "schema/columns.py": "contract/test_schema.py",
    "terms.py": "contract/test_schema.py",
    "ops/activation/context.py": "ops/activation/test_requests.py",
    "ops/activation/europe.py": "ops/activation/test_board.py",
    "ops/activation/records.py": "ops/activation/test_muster.py",
    "ops/activation/services/__init__.py": "ops/config/test_worker.py",
    "ops/alliance/accounts.py": "ops/test_texts.py",
    "ops/alliance/calendar.py": "ops/alliance/test_people.py",
    "ops/alliance/forms.py": "ops/alliance/test_memberships.py",
    "ops/alliance/forms_alliance.py": "ops/alliance/test_rules.py",
    "ops/alliance/language.py": "ops/test_texts.py",
    "ops/alliance/middleware.py": "ops/alliance/test_invitations.py",
    "ops/alliance/views.py": "ops/alliance/test_invitations.py",
    "ops/alliance/views_alliance.py": "ops/alliance/test_rules.py",
    "ops/alliance/views_members.py": "ops/alliance/test_memberships.py",
    "ops/common/clock.py": "ops/demo/test_demo.py",
    "ops/common/errors.py": "ops/alliance/test_invitations.py",
    "ops/common/middleware.py": "ops/common/test_middleware.py",
    "ops/common/tokens.py": "ops/api/test_tokens.py",
    "ops/common/views.py": "ops/common/test_middleware.py",
    "ops/common/words.py": "ops/alliance/test_log.py",
    "ops/config/texts.py": "ops/test_texts.py",
    "ops/demo/case.py": "ops/demo/test_demo.py",
    "ops/demo/fill.py": "ops/demo/test_demo.py",
    "ops/demo/views.py": "ops/demo/test_demo.py",
}


def _tests_of(source: Path) -> list[Path]:
    """A test may add its folder's name, so that no two tests are called alike."""
    relative = source.relative_to(SOURCES)
    if relative.parts[0] == "ops":
        return _tests_in_the_room(relative)
    folder = ROOT / "tests" / "unit" / relative.parent
    stem = relative.parent.name if relative.name == "__init__.py" else relative.stem
    words = {stem, stem.lstrip("_")}
    return [path for path in folder.glob("test_*.py") if any(_same(path.stem.removeprefix("test_"), word) for word in words)]


def _tests_in_the_room(relative: Path) -> list[Path]:
    """In the room one test covers an area: its services, queries, forms and pages."""
    if relative.parts[1] == "api":  # one test for all areas: they are alike
        return list((ROOT / "tests" / "ops" / "api").glob("test_*.py"))
    area = relative.stem.removeprefix("views_").removeprefix("forms_").removeprefix("urls_")
    return list((ROOT / "tests" / "ops" / relative.parts[1]).glob(f"test_{area}.py"))


def _same(test: str, word: str) -> bool:
    return test == word or test.endswith(f"_{word}") or test.startswith(f"{word}_")


@pytest.mark.parametrize("source", sorted(SOURCES.rglob("*.py")), ids=lambda path: path.relative_to(SOURCES).as_posix())
def test_each_source_file_has_its_test(source):
    name = source.relative_to(SOURCES).as_posix()
    text = source.read_text(encoding="utf-8")
    if name in ELSEWHERE:
        assert (ROOT / "tests" / ELSEWHERE[name]).is_file(), f"{name}: {ELSEWHERE[name]} is gone"
    elif "/migrations/" in name or source.name in ("apps.py", "models.py"):
        pass  # Django's own, and nouns that every test of their app uses
    elif "def " in text or "class " in text:
        assert _tests_of(source), f"{name}: no test in tests/unit/{Path(name).parent}/; name it test_{Path(name).stem}.py"


def test_nothing_is_excused_that_is_gone():
    assert [name for name in ELSEWHERE if not (SOURCES / name).is_file()] == []


@pytest.mark.parametrize("known", readers().values(), ids=list(readers()))
def test_each_reader_is_in_the_list_of_formats(known):
    text = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    assert f"`{known.id}`" in text, f"docs/formats.md: name {known.id}, what it reads and what to know about it"
    if known.needs:
        assert f"| {known.needs} |" in text


@pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
def test_each_table_and_column_is_in_the_list_of_formats(table):
    text = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    _, _, section = text.partition(f"### {table.name}\n")
    section = section.partition("\n### ")[0]
    for name, (kind, meaning) in table.columns.items():
        assert f"| `{name}` | {kind} | {meaning} |" in section, f"docs/formats.md: {table.name}.{name}"


@pytest.mark.parametrize("known", analyzers().values(), ids=list(analyzers()))
def test_each_analyzer_and_threshold_is_in_the_list_of_analyzers(known):
    text = (ROOT / "docs" / "analyzers.md").read_text(encoding="utf-8")
    _, _, section = text.partition(f"## `{known.id}`")
    section = section.partition("\n## ")[0]
    assert known.title in section, f"docs/analyzers.md: {known.id} needs a section with its question"
    for name, default in known.parameters.items():
        assert f"| `{name}` | {default} |" in section, f"docs/analyzers.md: {known.id}: {name} = {default}"
