from kit.scan_reports import sample


def test_flat_and_pretty():
    rows = sample("testssl_json/flat.json")
    assert rows.column("rule", "severity_id", "vulnerability_uid", "cwe") == [
        ("scanTime", 1, None, None),
        ("BEAST", 3, "CVE-2011-3389", "20"),
    ]
    rows = sample("testssl_json/pretty.json")
    assert rows.column("rule", "severity_id", "asset", "port") == [("SSLv3", 5, "www.example.org", 443)]
    assert rows.scan["targets"] == "testssl.sh www.example.org"
