from kit.scan_reports import read, sample


def test_requirements_as_what_they_are_replaced_by():
    assert sample("go_mod/go.mod").inventory("name", "version", "ecosystem", "scope", "asset") == [
        ("git.example/parser", "v1.0.0", "Go", None, "git.example/app"),
        ("git.example/inner", "v1.9.0", "Go", "indirect", "git.example/app"),
        ("git.example/new", "v0.3.0", "Go", None, "git.example/app"),
        ("git.example/mine", None, None, None, "git.example/app"),
    ]


def test_a_module_that_requires_nothing():
    rows = read("module git.example/app\n\ngo 1.22\n")[1]
    assert (rows.components, rows.scan["targets"]) == ([], "git.example/app")
