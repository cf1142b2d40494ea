"""What holds for every reader in the registry, over its samples in tests/evidence/<reader id>/."""

import gzip
import inspect
import io
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.errors import EvidenceError
from tocsin.intake import Item, Limits, gather
from tocsin.model import Batch, Fault
from tocsin.readers import HEAD_BYTES, Reader, readers
from tocsin.schema import TABLES

EVIDENCE = Path(__file__).parents[1] / "evidence"
FORMATS = Path(__file__).parents[2] / "docs" / "formats.md"
SAMPLES = sorted(path for path in EVIDENCE.glob("*/*") if path.is_file() and path.suffix not in (".py", ".md", ".pyc"))
# What the suite costs grows with readers times samples, so each question is asked where its answer can differ.
# - Reading a cut sample is one reader's matter: each byte of a small sample, and evenly spread bytes of a larger one, moved by
#   another amount for each sample so that the samples of a reader do not all break at the same places.
# - A claim sees a head alone and must not raise: a parser of heads that breaks does so by kind of damage, not by its exact byte.
#   Every reader looks at every sample at a few of its cuts; over all samples that is hundreds of broken heads for each reader.
EACH_BYTE_UP_TO, CUTS, CLAIM_CUTS = 400, 60, 12

every_reader = pytest.mark.parametrize("reader", readers().values(), ids=list(readers()))
every_sample = pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.name}")


@dataclass
class Result:
    """What a reader gave, checked against its contract on the way."""

    batches: list[Batch] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    error: EvidenceError | None = None

    @property
    def rows(self) -> list[tuple[str, dict[str, object]]]:
        return [(batch.table, row) for batch in self.batches for row in batch.rows.to_pylist()]


def result_of(reader: Reader, stream: io.BufferedIOBase, size: int) -> Result:
    result = Result()
    try:
        for batch in reader.read(stream, evidence_id="e1", report=result.faults.append):
            check_batch(reader, batch, size)
            result.batches.append(batch)
    except EvidenceError as error:
        assert str(error)
        result.error = error
    for fault in result.faults:
        assert fault.evidence_id == "e1"
        assert 0 <= fault.offset <= size
        assert 0 < len(fault.reason) < 1000, "a fault's reason is a bounded sentence"
    return result


def check_batch(reader: Reader, batch: Batch, size: int) -> None:
    assert batch.table in reader.tables, f"{reader.id} does not declare the table {batch.table}"
    assert batch.rows.schema.equals(TABLES[batch.table].arrow, check_metadata=True)
    batch.rows.validate(full=True)
    assert batch.rows.num_rows, "an empty batch"
    assert pc.unique(batch.rows["evidence_id"]).to_pylist() == ["e1"]
    offsets = batch.rows["record_offset"]
    assert offsets.null_count == 0
    found = pc.min_max(offsets).as_py()
    assert 0 <= found["min"] <= found["max"] < size, "record_offset lies outside the evidence"


def reader_of(sample: Path) -> Reader:
    reader = readers()[sample.parent.name]
    if reader.needs and not shutil.which(reader.needs):
        pytest.skip(f"{reader.id} needs {reader.needs}")
    return reader


def cuts(size: int) -> list[int]:
    """Lengths to cut a sample of this size to."""
    if size <= EACH_BYTE_UP_TO:
        return list(range(size))
    return sorted({size * step // CUTS + size % 7 * (step % 2) for step in range(CUTS)} | {size - 1})


@every_reader
def test_every_reader_has_a_sample(reader):
    assert any(sample.parent.name == reader.id for sample in SAMPLES), (
        f"put a sample made by our own code in {EVIDENCE / reader.id}/"
    )


@every_sample
def test_every_sample_is_of_a_reader(sample):
    assert sample.parent.name in readers()


@every_reader
def test_a_reader_says_what_it_is_and_declares_known_tables(reader):
    assert reader.title
    assert reader.tables
    assert set(reader.tables) <= set(TABLES)


@pytest.mark.parametrize("reader", [r for r in readers().values() if "vulnerability_finding" in r.tables], ids=lambda r: r.id)
def test_what_counts_as_one_finding_is_documented_as_the_reader_says_it(reader):
    """A report's number of findings is judged by it, so users read the very words that stand beside the code."""
    said = re.split(r"\s*Source:", inspect.getdoc(reader.read) or "")[0]
    rule = " ".join(said.split()).replace("|", "\\|").replace("``", "`")
    assert "finding" in rule, f"readers/{reader.id}.py: state in the docstring of read what makes one finding"
    row = f"| `{reader.id}` | {rule} |"
    assert row in FORMATS.read_text(encoding="utf-8"), f"docs/formats.md, what counts as one finding:\n{row}"


@every_sample
def test_exactly_one_reader_claims_a_sample_whatever_its_name(sample):
    head = sample.read_bytes()[:HEAD_BYTES]
    for name in (sample.name, "", "evidence.bin", "x.pcap", "access.log"):
        assert [reader.id for reader in readers().values() if reader.claims(head, name)] == [sample.parent.name]


@every_sample
def test_a_sample_is_read_whole_into_declared_tables(sample):
    data = sample.read_bytes()
    result = result_of(reader_of(sample), io.BytesIO(data), len(data))
    assert result.error is None
    assert result.rows


@every_sample
def test_the_same_bytes_give_the_same_rows_plain_compressed_or_read_again(sample, tmp_path):
    reader, data = reader_of(sample), sample.read_bytes()
    plain = result_of(reader, io.BytesIO(data), len(data))
    (tmp_path / "sample.gz").write_bytes(gzip.compress(data))
    [item] = gather([tmp_path / "sample.gz"], spool=tmp_path / "spool", limits=Limits(free_bytes_min=0))
    assert isinstance(item, Item)
    with item.open() as stream:
        first = result_of(reader, stream, len(data))
        stream.seek(0)
        again = result_of(reader, stream, len(data))
    assert (first.rows, first.faults) == (again.rows, again.faults) == (plain.rows, plain.faults)


@every_sample
def test_a_sample_cut_anywhere_gives_rows_and_faults_or_an_evidence_error(sample):
    reader, data = reader_of(sample), sample.read_bytes()
    for cut in cuts(len(data)):
        result_of(reader, io.BytesIO(data[:cut]), cut)
    for step in range(CLAIM_CUTS):
        head = data[: min(len(data), HEAD_BYTES) * step // CLAIM_CUTS]
        for other in readers().values():
            assert other.claims(head, sample.name) in (True, False)


@every_reader
@settings(max_examples=15, deadline=None)
@given(head=st.binary(max_size=300), name=st.text(max_size=20))
def test_claims_never_raises_on_any_bytes(reader, head, name):
    assert reader.claims(head, name) in (True, False)


@every_sample
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_claims_and_read_survive_any_damage_to_a_sample(sample, data):
    reader, good = reader_of(sample), sample.read_bytes()
    start, resume = data.draw(st.integers(0, len(good))), data.draw(st.integers(0, len(good)))
    damaged = good[:start] + data.draw(st.binary(max_size=40)) + good[resume:]
    for other in (reader, data.draw(st.sampled_from(list(readers().values())))):
        assert other.claims(damaged[:HEAD_BYTES], sample.name) in (True, False)
    result_of(reader, io.BytesIO(damaged), len(damaged))


@every_reader
@settings(max_examples=8, deadline=None)
@given(junk=st.binary(max_size=300))
def test_junk_gives_rows_and_faults_or_an_evidence_error(reader, junk):
    if reader.needs and not shutil.which(reader.needs):
        pytest.skip(f"{reader.id} needs {reader.needs}")
    result_of(reader, io.BytesIO(junk), len(junk))
