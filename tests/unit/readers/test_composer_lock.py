from kit.scan_reports import read, sample


def test_lock_file():
    assert sample("composer_lock/composer.lock").inventory("name", "version", "ecosystem", "scope") == [
        ("example/parser", "v1.0.0", "Packagist", None),
        ("example/mine", "dev-main", None, None),
        ("example/checker", "2.0.0", "Packagist", "dev"),
    ]


def test_what_is_installed():
    assert sample("composer_lock/installed.json").inventory("name", "scope") == [
        ("example/parser", None),
        ("example/checker", "dev"),
    ]


def test_a_structure_that_is_not_known_is_an_error():
    assert "list of packages" in str(read({"content-hash": "0", "packages": {}})[1].error)
