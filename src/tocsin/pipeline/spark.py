"""Readers on Spark's workers: ``mapInArrow`` over the list of evidence; each worker writes its tables where the case lies.

The case folder has to be on storage that every worker sees, as any shared-file job of Spark's; on a laptop that is the disk.
"""

import base64
import pickle
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from tocsin import engines
from tocsin.intake import Item
from tocsin.pipeline.reading import Outcome, read_all
from tocsin.store import Case


def read_on_spark(case: Case, items: Sequence[Item]) -> Iterator[Outcome]:
    """Read items on the workers, each in a confined process of its own, as in the kit.

    Items and outcomes travel pickled: they are ours, made a moment ago by this very job, and never leave it.
    """
    if not items:
        return
    session = engines.spark_session()
    packed = [(number, _pack(item)) for number, item in enumerate(items)]
    slices = min(len(items), session.sparkContext.defaultParallelism)
    frame = session.createDataFrame(packed, "number long, item string").repartitionByRange(slices, "number")
    folder = case.folder.resolve()

    def work(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        own = (_unpack(packed) for batch in batches for packed in batch.column("item").to_pylist())
        for outcome in read_all(Case(folder), own, workers=1):
            yield pa.RecordBatch.from_pydict({"outcome": [_pack(outcome)]})

    for row in frame.mapInArrow(work, "outcome string").collect():
        yield _unpack(row["outcome"])


def _pack(thing: Item | Outcome) -> str:
    return base64.b64encode(pickle.dumps(thing)).decode()


def _unpack(packed: Any) -> Any:
    return pickle.loads(base64.b64decode(packed))  # noqa: S301 - packed by this very job
