"""Readers on Spark's workers: ``mapInArrow`` over the list of evidence; each worker writes its tables where the case lies.

The case folder has to be on storage that every worker sees, as any shared-file job of Spark's; on a laptop that is the disk.
"""

import base64
import json
import pickle
from collections.abc import Iterator, Sequence
from dataclasses import asdict

import pyarrow as pa

from tocsin import engines
from tocsin.intake import Item
from tocsin.model import EvidenceCoverage, Fault
from tocsin.pipeline.reading import Outcome, read_item
from tocsin.store import Case
from tocsin.terms import ReadStatus


def read_on_spark(case: Case, items: Sequence[Item]) -> Iterator[Outcome]:
    """Read items on the workers; outcomes come in the order of the items.

    Items travel pickled: they are ours, made a moment ago by intake, and never leave the job.
    """
    if not items:
        return
    session = engines.spark_session()
    packed = [(number, base64.b64encode(pickle.dumps(item)).decode()) for number, item in enumerate(items)]
    frame = session.createDataFrame(packed, "number long, item string").repartition(len(items), "number")
    folder = case.folder.resolve()

    def work(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            numbers, outcomes = [], []
            for row in batch.to_pylist():
                item = pickle.loads(base64.b64decode(row["item"]))  # noqa: S301 - made by the driver of this very job
                outcome = read_item(Case(folder), item)
                numbers.append(row["number"])
                outcomes.append(json.dumps({"coverage": asdict(outcome.coverage), "error": str(outcome.error or "")}))
            yield pa.RecordBatch.from_pydict({"number": numbers, "outcome": outcomes})

    rows = frame.mapInArrow(work, "number long, outcome string").collect()
    for row in sorted(rows, key=lambda row: row["number"]):
        told = json.loads(row["outcome"])
        coverage = told["coverage"]
        faults = tuple(Fault(**fault) for fault in coverage.pop("fault_samples"))
        status = ReadStatus(coverage.pop("status"))
        yield Outcome(
            EvidenceCoverage(**coverage, status=status, fault_samples=faults), OSError(told["error"]) if told["error"] else None
        )
