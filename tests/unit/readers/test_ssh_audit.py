from kit.scan_reports import read, sample


def test_vulnerabilities_and_weak_algorithms_of_a_server_are_findings():
    rows = sample("ssh_audit/server.json")
    assert rows.column("title", "severity_id", "asset", "port") == [
        ("CVE-2024-0001", 4, "192.0.2.1", 22),
        ("Weak key exchange: diffie-hellman-group1-sha1", 4, "192.0.2.1", 22),
        ("Weak host key: ssh-rsa", 3, "192.0.2.1", 22),
        ("Weak cipher: 3des-cbc", 4, "192.0.2.1", 22),
    ]
    assert rows.column("vulnerability_uid")[0] == "CVE-2024-0001"
    assert rows.findings[1]["description"] == "using a small modulus\nusing SHA-1"


def test_a_list_of_servers():
    server = {"banner": {"raw": "b"}, "target": "a.example:22", "cves": [], "kex": [], "key": [], "mac": []}
    name, rows = read([server, server])
    assert (name, rows.error, rows.scan["findings"]) == ("ssh_audit", None, 0)
