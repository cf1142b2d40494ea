import pytest

from kit.scan_reports import claimants, read, sample


def test_pins_ranges_and_what_is_not_from_an_index():
    assert sample("pip_requirements/requirements.txt").inventory("name", "version", "ecosystem") == [
        ("Parser", "1.0.0", "PyPI"),
        ("other", None, "PyPI"),
        ("plain", None, "PyPI"),
        ("forked", None, None),
        ("mine", None, None),
    ]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("a==1.0", ("a", "1.0")), ("a == 1.0 # why", ("a", "1.0")), ("a===1.0", ("a", "1.0")), ("a[b,c]==1.0", ("a", "1.0")), ("a==1.*", ("a", None)),
        ("a==1.0,!=2", ("a", None)), ("a (==1.0)", ("a", "1.0")), ("a==1.0+local", ("a", "1.0+local")), ("a~=1.0", ("a", None)),
        ("a==1.0; sys_platform == 'win32'", ("a", "1.0")),
    ],
)  # fmt: skip
def test_requirements(line, found):
    [row] = read(f"pinned==0\n{line}\n")[1].inventory("name", "version")[1:]
    assert row == found


@pytest.mark.parametrize("text", [b"just some words\n", b"a = b\n", b"one\ntwo\n", b"key: value\n", b"x==\n"])
def test_other_text_is_no_requirements(text):
    assert claimants(text) == []


def test_the_project_itself_is_no_requirement_of_it():
    rows = read("a==1\n.\n./plugin\n")[1]
    assert (rows.inventory("name"), rows.faults) == ([("a",)], [])


def test_names_alone_are_requirements_where_the_file_is_called_so():
    assert claimants(b"django\nrequests\n", "requirements-dev.txt") == ["pip_requirements"]


def test_a_long_line_costs_no_time():
    rows = read("a==1\nb ==" + " " * 90_000 + "x\n")[1]
    assert (rows.inventory("name"), len(rows.faults)) == ([("a",)], 1)
