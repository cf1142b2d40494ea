import pytest

from kit.scan_reports import claimants, read, sample


@pytest.mark.parametrize("path", ["pip_list/list.json", "pip_list/columns.txt"])
def test_packages_and_an_editable_project(path):
    assert sample(path).inventory("name", "version", "ecosystem") == [("Parser", "1.0.0", "PyPI"), ("mine", "0.1", None)]


def test_inspect():
    assert sample("pip_list/inspect.json").inventory("name", "version") == [("Parser", "1.0.0")]


def test_other_lists_of_names_are_not_pip_s():
    assert claimants(b'[{"name": "a", "version": "1", "colour": "red"}]') == []


def test_an_entry_without_a_name_is_a_fault():
    rows = read([{"name": "a", "version": "1"}, {"version": "2"}])[1]
    assert (rows.inventory("name"), len(rows.faults)) == ([("a",)], 1)
