from kit.scan_reports import read, sample


def test_packages_of_both_groups():
    assert sample("pipfile_lock/Pipfile.lock").inventory("name", "version", "ecosystem", "scope") == [
        ("parser", "1.0.0", "PyPI", None),
        ("forked", None, None, None),
        ("checker", "2.0", "PyPI", "dev"),
    ]


def test_no_packages_at_all():
    rows = read({"_meta": {"pipfile-spec": 6}, "default": {}, "develop": {}})[1]
    assert (rows.error, rows.components, rows.scan["product_name"]) == (None, [], "Pipenv")
