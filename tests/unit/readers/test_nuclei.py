from kit.scan_reports import read, sample


def test_one_template_on_one_host_is_one_finding_at_many_urls():
    rows = sample("nuclei/v3.json")
    assert rows.column("rule", "severity_id", "occurrences") == [("exposed-panel", 1, 2), ("CVE-2024-0001", 5, 1)]
    assert rows.column("vulnerability_uid") == [None, "CVE-2024-0001"]
    assert [(p["hostname"], p["ip"], p["port"]) for p in rows.places] == [
        ("www.example.org", None, 443), ("www.example.org", None, 443), (None, "192.0.2.1", 8443),
    ]  # fmt: skip


def test_lines_of_version_2_and_1():
    lines = '{"templateID":"t","info":{"name":"n","severity":"odd"},"matched":"http://a.example/"}\n'
    name, rows = read(lines + lines.replace("a.example", "b.example") + lines)
    assert (name, rows.column("severity_id", "occurrences")) == ("nuclei", [(2, 1), (2, 1)])


def test_matchers_tell_findings_apart():
    result = {"template-id": "t", "info": {"name": "n", "severity": "low"}, "matched-at": "a.example"}
    assert len(read([result | {"matcher-name": "x"}, result | {"matcher-name": "y"}])[1].findings) == 2
