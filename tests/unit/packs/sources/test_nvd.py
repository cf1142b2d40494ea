from kit.packs import read_values
from tocsin.versions import key


def page(*matches, status="Analyzed"):
    nodes = [{"operator": "OR", "cpeMatch": [{"vulnerable": True} | match for match in matches]}]
    cve = {
        "id": "CVE-2024-1", "vulnStatus": status, "published": "2024-01-01T00:00", "lastModified": "2025-01-01T00:00",
        "descriptions": [{"lang": "en", "value": "Bad."}], "configurations": [{"nodes": nodes}],
        "metrics": {"cvssMetricV31": [{"type": "Primary", "cvssData": {"baseScore": 9.1, "vectorString": "CVSS:3.1/x"}}]},
        "weaknesses": [{"description": [{"value": "CWE-79"}, {"value": "NVD-CWE-noinfo"}]}],
    }  # fmt: skip
    return {"format": "NVD_CVE", "version": "2.0", "vulnerabilities": [{"cve": cve}]}


def test_ranges_by_cpe(tmp_path):
    ranged = {
        "criteria": "cpe:2.3:a:acme:thing\\:one:*:*:*:*:*:*:*:*",
        "versionStartExcluding": "1.0",
        "versionEndIncluding": "2.0",
    }
    exact = {"criteria": "cpe:2.3:a:acme:other:3.0:rc1:*:*:*:*:*:*"}
    platform = {"criteria": "cpe:2.3:o:linux:linux_kernel:-:*:*:*:*:*:*:*", "vulnerable": False}
    found, reading = read_values([page(ranged, exact, platform)], tmp_path)
    ((kind, advisory),) = found
    assert (kind, advisory.score, advisory.cwes) == ("nvd", 9.1, ("CWE-79",)) and reading.dates == {"2025-01-01"}
    by_name = {part.name: part.intervals for part in advisory.affected}
    held = [
        v for v in ("1.0", "1.0.1", "2.0", "2.0.1") if any(one.holds(key("generic", v)) for one in by_name["acme/thing:one"])
    ]
    assert held == ["1.0.1", "2.0"] and by_name["acme/other"][0].holds(key("generic", "3.0-rc1")) and len(by_name) == 2


def test_a_damaged_entry_costs_itself_alone(tmp_path):
    good = page({"criteria": "cpe:2.3:a:a:b:*:*:*:*:*:*:*:*", "versionEndExcluding": "1"})
    good["vulnerabilities"].insert(0, {"cve": {"vulnStatus": "x"}})
    good["vulnerabilities"].insert(0, page(status="Rejected")["vulnerabilities"][0])
    found, reading = read_values([good], tmp_path)
    assert len(found) == 1 and reading.unreadable == 1 and "entry 2" in reading.first_fault
