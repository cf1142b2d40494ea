from kit.scan_reports import sample


def test_packages_their_scope_and_those_from_git():
    assert sample("poetry_lock/poetry.lock").inventory("name", "version", "ecosystem", "scope") == [
        ("Parser", "1.0.0", "PyPI", None),
        ("other", "2.0", "PyPI", "optional"),
        ("forked", "3.0", None, None),
    ]
