from kit.scan_reports import sample


def test_one_vulnerability_of_one_component_in_one_file_is_one_finding():
    rows = sample("dependency_check/report.xml")
    assert rows.column("vulnerability_uid", "package_name", "package_version", "asset", "status", "severity_id") == [
        ("CVE-2024-0001", "org.example/lib", "1.0", "app.ear: lib-1.0.jar", None, 5),
        ("CVE-2024-0002", "org.example/lib", "1.0", "app.ear: lib-1.0.jar", "suppressed", 2),
        ("CVE-2014-0001", "org.example:old", "2.0", "old.jar", None, 3),
    ]
    first = rows.findings[0]
    assert (first["package_purl"], first["cwe"], first["cvss_score"]) == ("pkg:maven/org.example/lib@1.0", "20,502", 9.8)
    assert first["cvss_vector"] == "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
    assert rows.findings[1]["remediation"] == "Not used."
    assert [(place["asset"], place["url_path"]) for place in rows.places if place["finding_uid"] == first["finding_uid"]] == [
        ("app.ear: lib-1.0.jar", "/app.ear/lib-1.0.jar"),
        ("other.ear: lib-1.0.jar", "/other.ear/lib-1.0.jar"),
        ("app.ear: lib-1.0.jar", "/unnamed.jar"),
    ]
    assert (rows.scan["product_version"], rows.scan["targets"]) == ("9.0.0", "Shop")
