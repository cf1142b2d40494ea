from kit.scan_reports import sample


def test_packages():
    assert sample("nuget_config/packages.config").inventory("name", "version", "ecosystem", "scope") == [
        ("Example.Parser", "1.0.0", "NuGet", None),
        ("Example.Checker", "2.0.0", "NuGet", "dev"),
    ]
