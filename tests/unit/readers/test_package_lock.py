from kit.scan_reports import read, sample


def test_version_3_by_path():
    assert sample("package_lock/package-lock.json").inventory("name", "version", "ecosystem", "scope") == [
        ("@scope/inner", "2.0.0", "npm", "dev"),
        ("parser", "1.0.0", "npm", None),
        ("@scope/inner", "1.9.0", "npm", None),
        ("original", "3.0.0", "npm", None),
        ("forked", "4.0.0", None, None),
        ("own", "0.2.0", None, None),
    ]
    assert set(sample("package_lock/package-lock.json").inventory("asset")) == {("app",)}


def test_version_1_by_name():
    assert sample("package_lock/version-1.json").inventory("name", "version", "ecosystem", "scope") == [
        ("parser", "1.0.0", "npm", None),
        ("original", "3.0.0", "npm", None),
        ("forked", None, None, None),
        ("@scope/inner", "1.9.0", "npm", "dev"),
    ]


def test_a_structure_that_is_not_known_is_an_error():
    assert "object packages" in str(read({"lockfileVersion": 3, "packages": ["a"]})[1].error)
