from tocsin.packs.records import Advisory, Exploit
from tocsin.packs.sources.cve import claims, cpe_name, records
from tocsin.versions import key


def record(affected, *, adp=(), state="PUBLISHED"):
    return {
        "dataType": "CVE_RECORD",
        "cveMetadata": {"cveId": "CVE-2024-1", "state": state, "datePublished": "2024-02-03T00:00:00"},
        "containers": {
            "cna": {
                "title": "T", "affected": affected, "metrics": [{"cvssV3_1": {"baseScore": 7.5, "vectorString": "CVSS:3.1/…"}}],
                "problemTypes": [{"descriptions": [{"cweId": "CWE-20"}]}],
            },
            "adp": list(adp),
        },
    }  # fmt: skip


def intervals(affected):
    (advisory,) = records(record(affected))
    return [
        (part.space, part.name, [(one.low, one.high, one.fixed, one.last) for one in part.intervals])
        for part in advisory.affected
    ]


def held(affected, *versions):
    (advisory,) = records(record(affected))
    return [v for v in versions if any(one.holds(key("generic", v)) for part in advisory.affected for one in part.intervals)]


def test_a_record():
    value = record(
        [
            {
                "vendor": "Acme Inc",
                "product": "Thing One",
                "versions": [{"version": "1.0", "lessThan": "1.5", "status": "affected"}],
            }
        ]
    )
    (found,) = records(value)
    assert claims(value) and isinstance(found, Advisory)
    assert (found.id, found.score, found.cwes, found.affected[0].name) == ("CVE-2024-1", 7.5, ("CWE-20",), "acme_inc/thing_one")
    assert cpe_name("A B", "c\\+") == "a_b/c+"


def test_bounds_and_defaults():
    part = {"vendor": "a", "product": "b"}
    assert held(
        [part | {"versions": [{"version": "1.0", "lessThanOrEqual": "1.5", "status": "affected"}]}], "0.9", "1.0", "1.5", "1.6"
    ) == ["1.0", "1.5"]
    assert held([part | {"versions": [{"version": "2.0", "status": "affected"}]}], "1.9", "2.0", "2.1") == ["2.0"]
    fixed = [part | {"defaultStatus": "affected", "versions": [{"version": "2.0", "lessThan": "*", "status": "unaffected"}]}]
    assert held(fixed, "1.0", "2.0", "3.0") == ["1.0"]
    assert held([part | {"versions": [{"version": "abc123", "versionType": "git", "status": "affected"}]}], "1") == []
    assert intervals([{"vendor": "n/a", "product": "n/a", "versions": [{"version": "n/a", "status": "affected"}]}]) == []


def test_a_package_of_a_registry_is_in_its_ecosystem():
    part = {
        "packageName": "lodash",
        "collectionURL": "https://registry.npmjs.org",
        "versions": [{"version": "0", "lessThan": "4.0.0", "status": "affected"}],
    }
    assert [entry[:2] for entry in intervals([part])] == [("npm", "lodash")]


def test_ssvc_and_rejected():
    options = [{"Exploitation": "active"}, {"Automatable": "yes"}, {"Technical Impact": "total"}]
    adp = {
        "metrics": [
            {"other": {"type": "ssvc", "content": {"options": options}}},
            {"other": {"type": "kev", "content": {"dateAdded": "2024-03-04"}}},
        ]
    }
    found = [one for one in records(record([], adp=[adp])) if isinstance(one, Exploit)]
    assert found[0].facts == {
        "ssvc_exploitation": "active",
        "ssvc_automatable": "yes",
        "ssvc_technical_impact": "total",
        "kev_added": "2024-03-04",
    }
    assert list(records(record([], state="REJECTED"))) == []
