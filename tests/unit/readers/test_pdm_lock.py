from kit.scan_reports import sample


def test_groups_that_are_not_the_default_are_the_scope():
    assert sample("pdm_lock/pdm.lock").inventory("name", "version", "scope") == [
        ("parser", "1.0.0", None),
        ("checker", "2.0", "test"),
    ]


def test_pylock():
    assert sample("pdm_lock/pylock.toml").inventory("name", "version", "ecosystem") == [("parser", "1.0.0", "PyPI")]
