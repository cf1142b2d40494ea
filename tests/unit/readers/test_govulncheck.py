from kit.scan_reports import read, sample


def test_each_advisory_is_a_finding_that_says_whether_it_is_called():
    rows = sample("govulncheck/stream.json")
    assert rows.column("rule", "status", "package_version", "package_fixed_version") == [
        ("GO-2024-0001", "called", "v1.0.0", "v1.1.0"),
        ("GO-2024-0002", None, None, None),
    ]
    assert [(place["asset"], place["url_path"]) for place in rows.places] == [("app", "main.go:7")]
    assert rows.scan["product_version"] == "v1.1.0"


def test_the_object_of_early_versions():
    advisory = {"id": "GO-2022-0001", "aliases": ["CVE-2022-1"], "affected": [{"package": {"name": "x"}}]}
    name, rows = read({"Calls": {}, "Imports": {}, "Requires": {}, "Vulns": [{"OSV": advisory}, {"OSV": advisory}]})
    assert (name, rows.column("vulnerability_uid")) == ("govulncheck", ["CVE-2022-1"])


def test_nothing_found_is_a_scan():
    assert read({"config": {"scanner_name": "govulncheck", "protocol_version": "v1"}})[1].scan["findings"] == 0
