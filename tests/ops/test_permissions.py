"""Every address and every operation, as every kind of person, against the one written matrix: docs/permissions.md."""

from typing import Any

import pytest

from kit.case import KINDS, THINGS, Case
from kit.matrix import MARKS, ROWS, Row, addresses, body_of, judged, operations, send
from tocsin.ops.common.models import Entry

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_cell_of_the_matrix(case: Case, row: Row, kind: str, settings: Any) -> None:
    settings.SECOND_FACTOR = False  # who lacks it gets nowhere at all: tests/ops/test_security.py
    thing = THINGS[row.of](case, kind)
    before = Entry.objects.count()
    body = body_of(case, row, thing, kind) if row.method != "GET" else {}
    found = judged(send(case, row, kind, thing, body), thing.secret if row.method == "GET" else "")
    assert found == row.cells[kind]
    if row.method != "GET" and found in ("refused", "no", "sign-in"):
        made = Entry.objects.filter(number__gt=before).exclude(action="make_token")
        assert not made.exists(), "what was refused left a trace"
        if not row.name.startswith("api:"):  # a body's shape is looked at first there, and is public
            assert judged(send(case, row, kind, thing, {}), "") == found, "refused only after what was sent was looked at"


# -- The matrix itself ----------------------------------------------------------------------------------------------------


def test_every_address_and_every_operation_has_a_row() -> None:
    rows = {row.name for row in ROWS}
    there = {name for name in addresses() if name not in operations()} | {f"api:{name}" for name in operations()}
    assert there - rows == set(), "write a row for these in docs/permissions.md"
    assert rows - there == set(), "these rows of docs/permissions.md speak of nothing"


def test_every_cell_says_one_of_the_marks() -> None:
    wrong = [(str(row), cell) for row in ROWS for cell in row.cells.values() if cell not in MARKS]
    assert wrong == []
    assert all(list(row.cells) == list(KINDS) for row in ROWS)
    assert len({str(row) for row in ROWS}) == len(ROWS)


def test_methods_of_operations_are_those_of_their_rows() -> None:
    said = {row.name.removeprefix("api:"): row.method for row in ROWS if row.name.startswith("api:")}
    assert said == {name: method for name, (method, _path, _by_token) in operations().items()}


@pytest.mark.parametrize("kind", ["partner", "state", "chair", "administrator"])
def test_an_address_without_a_row_for_post_changes_nothing(case: Case, kind: str, settings: Any) -> None:
    settings.SECOND_FACTOR = False
    posts = {row.name for row in ROWS if row.method == "POST"}
    reads = {row.name: row for row in ROWS if row.method == "GET" and row.name not in posts and not row.name.startswith("api")}
    for row in reads.values():
        thing = THINGS[row.of](case, kind)
        before = Entry.objects.count()
        response = send(case, Row(row.name, "POST", row.of, {}), kind, thing, {"x": "y"})
        assert response.status_code in (200, 302, 403, 404, 405), row
        assert Entry.objects.count() == before, row
