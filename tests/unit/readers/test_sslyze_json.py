from kit.scan_reports import read, sample


def test_old_versions_poor_suites_and_certificates_are_findings():
    rows = sample("sslyze_json/new.json")
    assert rows.column("rule", "severity_id", "asset") == [
        ("session_renegotiation", 3, "web.example.org"),
        ("tls_1_0_cipher_suites", 3, "web.example.org"),
        ("tls_1_2_cipher_suites", 3, "web.example.org"),
        ("certificate_info", 3, "web.example.org"),
    ]
    assert rows.findings[2]["description"] == "TLS_RSA_WITH_AES_128_CBC_SHA"
    assert rows.findings[3]["description"] == "Its subject is not the name of the host.\ncertificate has expired (Mozilla 1)"
    assert (rows.scan["product_version"], rows.scan["end_time"].isoformat()) == ("5.2.0", "2024-03-01T10:01:00+00:00")


def test_results_of_version_3():
    assert sample("sslyze_json/old.json").column("title", "vulnerability_uid", "port") == [("Heartbleed", "CVE-2014-0160", 443)]


def test_a_scan_that_found_nothing():
    name, rows = read({"server_scan_results": [{"scan_result": {"heartbleed": {"result": None}}}]})
    assert (name, rows.error, rows.scan["findings"]) == ("sslyze_json", None, 0)
