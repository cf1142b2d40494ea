from kit.scan_reports import read, sample


def test_version_1():
    assert sample("yarn_lock/version-1.lock").inventory("name", "version", "ecosystem") == [
        ("@scope/inner", "1.9.0", "npm"),
        ("original", "3.0.0", "npm"),
        ("parser", "1.0.0", "npm"),
    ]


def test_berry_and_its_workspace():
    assert sample("yarn_lock/berry.lock").inventory("name", "version", "ecosystem") == [
        ("@scope/inner", "1.9.0", "npm"),
        ("app", "0.0.0-use.local", None),
    ]


def test_git_and_damage():
    text = '# yarn lockfile v1\n"a@git+https://git.example/a":\n  version "1"\nnonsense:\n  version "2"\nb@1:\n  version "3"\n'
    rows = read(text)[1]
    assert (rows.inventory("name", "version", "ecosystem"), len(rows.faults)) == ([("a", "1", None), ("b", "3", "npm")], 1)
