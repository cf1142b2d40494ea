from kit.scan_reports import read, sample


def test_artifacts_with_their_distribution_and_source():
    rows = sample("syft/syft.json")
    assert rows.inventory("name", "version", "ecosystem", "distro", "source_name", "source_version") == [
        ("libexample1", "1.0-1+b2", "Debian", "debian 12", "example", "1.0-1"),
        ("parser", None, "PyPI", None, None, None),
    ]
    assert rows.scan["targets"] == "example/app:1"
    assert rows.components[0]["package_license"] == "MIT AND GPL-2.0"


def test_matches_of_grype_are_not_syft_s():
    assert read({"matches": [], "distro": {}, "artifacts": [], "artifactRelationships": []})[0] == "grype"
