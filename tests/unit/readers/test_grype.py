from kit.scan_reports import read, sample


def test_one_vulnerability_of_one_package_is_one_finding_at_two_places():
    rows = sample("grype/report.json")
    [finding] = rows.findings
    assert (finding["vulnerability_uid"], finding["vulnerability_uids"]) == (
        "CVE-2024-0001",
        "CVE-2024-0001,GHSA-2222-3333-4444",
    )
    assert (finding["severity_id"], finding["cvss_score"], finding["package_fixed_version"], finding["occurrences"]) == (
        4,
        9.8,
        "1.1",
        2,
    )
    assert [place["url_path"] for place in rows.places] == ["/app/a/package.json", "/app/b/package.json"]
    assert (rows.scan["targets"], rows.scan["product_version"]) == ("example/app:1", "0.70.0")


def test_another_version_is_another_finding():
    match = {"vulnerability": {"id": "CVE-2024-1", "severity": "Low"}, "artifact": {"name": "p", "version": "1"}}
    other = match | {"artifact": {"name": "p", "version": "2"}}
    assert len(read({"matches": [match, other, match]})[1].findings) == 2
