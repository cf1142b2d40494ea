from kit.scan_reports import sample


def test_flaws_and_versions_with_weak_suites_are_findings_of_their_server():
    rows = sample("sslyze/report.xml")
    assert rows.column("rule", "title", "severity_id", "asset") == [
        ("heartbleed", "OpenSSL Heartbleed", 4, "web.example.org"),
        ("reneg", "Session Renegotiation", 3, "web.example.org"),
        ("tlsv1_2", "tlsv1_2: weak cipher suites", 2, "web.example.org"),
    ]
    assert rows.findings[0]["vulnerability_uid"] == "CVE-2014-0160"
    assert rows.findings[2]["description"] == "TLS_RSA_WITH_AES_128_GCM_SHA256"
    assert next((p["ip"], p["port"], p["protocol"]) for p in rows.places) == ("192.0.2.1", 443, "https")
    assert rows.scan["product_version"] == "2.0.6"
