from kit.scan_reports import sample


def test_a_package_for_two_frameworks_is_one_component():
    assert sample("nuget_lock/packages.lock.json").inventory("name", "version", "ecosystem") == [
        ("Example.Parser", "1.0.0", "NuGet"),
        ("mine", None, None),
    ]
