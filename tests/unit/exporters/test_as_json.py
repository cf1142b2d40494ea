"""The JSON that other programs rely on: its fields, its values, its bytes."""

import json
import os
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest

from kit.assessments import all_failed, ministry_and_banks, nothing_found
from tocsin.exporters.as_json import iso_time, plain, to_json
from tocsin.terms import FindingClass, ReadStatus, Severity, Vector

GOLDEN = Path(__file__).parents[2] / "golden" / "findings.json"


def dumped(assessment):
    return json.dumps(to_json(assessment), indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def test_findings_are_the_golden_ones():
    text = dumped(ministry_and_banks())
    if os.environ.get("TOCSIN_GOLDEN") == "write":
        GOLDEN.write_text(text, encoding="utf-8")
    assert GOLDEN.is_file(), f"{GOLDEN}: missing; run make golden and review it"
    assert text == GOLDEN.read_text(encoding="utf-8"), f"{GOLDEN}: other programs rely on this; if meant, run make golden"


def test_an_assessment_has_these_parts():
    assert set(to_json(nothing_found())) == {
        "situation", "incidents", "findings", "coverage", "versions", "tlp", "partner",
    }  # fmt: skip


def test_a_finding_has_the_fields_of_the_contract():
    promised = {
        "id", "analyzer", "version", "class", "title", "severity_id", "confidence", "confidence_basis", "techniques", "first_seen",
        "last_seen", "entities", "attributes", "evidence", "meaning", "actions", "parameters", "incident",
    }  # fmt: skip
    for found in to_json(ministry_and_banks())["findings"]:
        assert promised <= set(found)
        assert all(set(row) == {"evidence_id", "name", "sha256", "offset", "excerpt"} for row in found["evidence"])
        assert all({"kind", "path", "summary", "hit_ratio", "collateral_ratio"} <= set(action) for action in found["actions"])
        assert all(set(entity) == {"role", "kind", "value"} for entity in found["entities"])
        assert found["class"] in set(FindingClass)
        assert found["severity_id"] in set(Severity)


@pytest.mark.parametrize("make", [nothing_found, all_failed, ministry_and_banks])
def test_coverage_is_part_of_every_output(make):
    coverage = to_json(make())["coverage"]
    assert {"evidence", "analyzers"} <= set(coverage)
    assert coverage["evidence"]
    for entry in coverage["evidence"]:
        assert {"name", "sha256", "reader", "status", "rows", "faults", "reason"} <= set(entry)
        assert entry["status"] in set(ReadStatus)
    assert all({"analyzer", "status", "reason"} <= set(entry) for entry in coverage["analyzers"])


def test_the_same_assessment_gives_the_same_bytes():
    assert dumped(ministry_and_banks()) == dumped(ministry_and_banks())


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (None, None),
        (datetime(2022, 2, 15, 13, 2, 11, tzinfo=UTC), "2022-02-15T13:02:11Z"),
        (datetime(2022, 2, 15, 13, 2, 10, tzinfo=UTC), "2022-02-15T13:02:10Z"),
        (datetime(2022, 2, 15, 13, 0, 0, tzinfo=UTC), "2022-02-15T13:00:00Z"),
        (datetime(2022, 2, 15, 13, 2, 11, 204_000, tzinfo=UTC), "2022-02-15T13:02:11.204Z"),
        (datetime(2022, 2, 15, 13, 2, 11, 1, tzinfo=UTC), "2022-02-15T13:02:11.000001Z"),
        (datetime(2022, 2, 15, 13, 2, 11, tzinfo=timezone(timedelta(hours=2))), "2022-02-15T11:02:11Z"),
    ],
)
def test_a_time_is_rfc_3339_in_utc(time, text):
    assert iso_time(time) == text


@pytest.mark.parametrize(
    ("value", "held"),
    [
        (np.int64(3), 3),
        (np.float64(0.5), 0.5),
        (np.bool_(True), True),
        (Vector.SYN_FLOOD, "syn_flood"),
        (Severity.HIGH, 4),
        (("a", {1: None}), ["a", {"1": None}]),
        (datetime(2022, 2, 15, tzinfo=UTC), "2022-02-15T00:00:00Z"),
        (float("nan"), None),
        (np.float64("inf"), None),
    ],
)
def test_what_analyzers_put_in_becomes_what_json_can_hold(value, held):
    assert plain(value) == held
    assert type(plain(value)) is type(held)
    json.dumps(plain(value), allow_nan=False)


def test_a_series_that_holds_no_number_somewhere_is_still_json():
    whole = ministry_and_banks()
    first = whole.findings[0]
    broken = replace(first, series=replace(first.series, values=(1.0, float("nan")), usual=float("inf")))
    series = json.loads(dumped(replace(whole, findings=(broken,))))["findings"][0]["series"]
    assert (series["values"], series["usual"]) == ([1.0, None], None)


def test_no_text_of_a_person_or_machine_slips_in():
    assert not re.search(r"/(?:home|root|work|tmp)/", GOLDEN.read_text(encoding="utf-8"))
