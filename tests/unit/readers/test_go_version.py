from kit.scan_reports import sample


def test_modules_built_into_a_program():
    rows = sample("go_version/app.txt")
    assert rows.inventory("name", "version", "ecosystem") == [
        ("stdlib", "1.22.1", "Go"),
        ("git.example/app", None, "Go"),
        ("git.example/parser", "v1.0.0", "Go"),
        ("git.example/new", "v0.3.0", "Go"),
        ("git.example/mine", None, None),
    ]
    assert set(rows.inventory("asset")) == {("/usr/bin/app",)}
