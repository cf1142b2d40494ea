"""Packs from their sources to an answer: built, imported, asked, brought up to date by a delta, refused where damaged."""

import json
from datetime import date
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tocsin.errors import PackError
from tocsin.packs import store
from tocsin.packs.build import build
from tocsin.packs.delta import is_delta, make_delta
from tocsin.packs.file import open_pack, read_manifest, sign_file, write

OSV = {
    "id": "PYSEC-2022-1",
    "aliases": ["CVE-2022-0001"],
    "modified": "2022-02-15T00:00:00Z",
    "published": "2022-02-01T00:00:00Z",
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "Django_Thing"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "1.0"}, {"fixed": "1.10"}]}],
        }
    ],
}
KEV = {
    "title": "CISA Catalog of Known Exploited Vulnerabilities",
    "catalogVersion": "2022.02.15",
    "dateReleased": "2022-02-15T00:00:00Z",
    "count": 1,
    "vulnerabilities": [{"cveID": "CVE-2022-0001", "dateAdded": "2022-02-10", "knownRansomwareCampaignUse": "Known"}],
}
EPSS = "#model_version:v2023.03.01,score_date:2022-02-15T00:00:00+0000\ncve,epss,percentile\nCVE-2022-0001,0.97,0.999\n"


@pytest.fixture
def sources(tmp_path: Path) -> list[Path]:
    files = {"osv.jsonl": json.dumps(OSV) + "\n", "kev.json": json.dumps(KEV), "epss.csv": EPSS}
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return [tmp_path / name for name in files]


@pytest.fixture(autouse=True)
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TOCSIN_PACKS", str(tmp_path / "packs"))
    return tmp_path / "packs"


def packed(path: Path, sources: list[Path], built: str = "2022-02-15") -> Path:
    manifest, tables = build(sources, "test", built=built)
    write(path, manifest, tables)
    return path


def verdicts(version: str, name: str = "django-thing", space: str = "pypi") -> list[tuple[str, str, str]]:
    [found] = store.installed().match([(space, name, version)])
    return [(known.id, known.verdict, known.fixed_version) for known in found]


@pytest.mark.parametrize(
    ("version", "verdict"),
    [("1.0", "affected"), ("1.9", "affected"), ("1.10", "fixed"), ("1.9.post1", "affected"), ("?!", "unknown_version")],
)
def test_a_version_is_judged_by_the_order_of_its_ecosystem(sources, tmp_path, version, verdict):
    store.import_pack(packed(tmp_path / "a.pack", sources))
    assert [(id, said) for id, said, _ in verdicts(version)] == [("PYSEC-2022-1", verdict)]


def test_what_nobody_speaks_of_has_no_verdict(sources, tmp_path):
    store.import_pack(packed(tmp_path / "a.pack", sources))
    assert verdicts("1.0", "another") == []


def test_the_fix_and_the_exploitation_of_a_cve_are_known(sources, tmp_path):
    store.import_pack(packed(tmp_path / "a.pack", sources))
    assert verdicts("1.5")[0][2] == "1.10"
    known = store.installed().exploits(["CVE-2022-0001", "CVE-2022-9999"])
    assert set(known) == {"CVE-2022-0001"}
    assert 0.97 in [pytest.approx(value) for value in known["CVE-2022-0001"].values() if isinstance(value, float)]


def test_no_pack_an_old_pack_and_an_unsigned_pack_are_loud(sources, tmp_path):
    assert any("NO REFERENCE DATA" in line for line in store.installed().missing(date(2022, 2, 16)))
    store.import_pack(packed(tmp_path / "a.pack", sources))
    fresh, old = (store.installed().missing(day) for day in (date(2022, 2, 16), date(2023, 2, 16)))
    assert any("not signed" in line for line in fresh)
    assert len(old) > len(fresh)


def test_a_signature_by_somebody_who_is_not_trusted_is_refused(sources, tmp_path):
    path, own, other = packed(tmp_path / "a.pack", sources), Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    sign_file(path, own)
    key = open_pack(path).signature.key
    sign_file(path, other)
    store.trust(key, "us")
    with pytest.raises(PackError):
        store.import_pack(path)
    sign_file(path, own)
    assert store.import_pack(path).name == "test"


def test_a_delta_brings_an_installed_pack_up_to_date_and_fits_no_other(sources, tmp_path):
    old = packed(tmp_path / "old.pack", sources)
    more = OSV | {"id": "PYSEC-2022-2", "aliases": ["CVE-2022-0002"]}
    sources[0].write_text(json.dumps(OSV) + "\n" + json.dumps(more) + "\n", encoding="utf-8")
    new = packed(tmp_path / "new.pack", sources, "2022-02-16")
    make_delta(old, new, tmp_path / "d.delta")
    assert is_delta(tmp_path / "d.delta") and not is_delta(new)
    with pytest.raises(PackError):
        store.import_pack(tmp_path / "d.delta")
    store.import_pack(old)
    store.import_pack(tmp_path / "d.delta")
    assert [id for id, _, _ in verdicts("1.5")] == ["PYSEC-2022-1", "PYSEC-2022-2"]
    assert read_manifest(next(iter(store.paths()))).built == "2022-02-16"


def test_a_damaged_pack_is_refused_and_the_installed_one_stays(sources, tmp_path):
    path = packed(tmp_path / "a.pack", sources)
    store.import_pack(path)
    data = path.read_bytes()
    for cut in range(0, len(data), max(1, len(data) // 40)):
        path.write_bytes(data[:cut])
        with pytest.raises(PackError):
            store.import_pack(path)
    assert verdicts("1.5")


@pytest.mark.parametrize("text", ["", "{}", "[1, 2]", '{"id": 3}', "a,b\n1,2\n"])
def test_a_source_that_holds_nothing_known_is_named(tmp_path, text):
    (tmp_path / "x.json").write_text(text, encoding="utf-8")
    with pytest.raises(PackError, match=r"x\.json"):
        build([tmp_path / "x.json"], "test")


CVE5 = {
    "dataType": "CVE_RECORD",
    "dataVersion": "5.1",
    "cveMetadata": {"cveId": "CVE-2022-0003", "state": "PUBLISHED", "datePublished": "2022-02-01T00:00:00.000Z"},
    "containers": {
        "cna": {
            "descriptions": [{"lang": "en", "value": "A weakness."}],
            "affected": [
                {
                    "vendor": "example",
                    "product": "thing",
                    "versions": [{"version": "1.0.0", "lessThan": "1.2.0", "status": "affected", "versionType": "semver"}],
                    "cpes": ["cpe:2.3:a:example:thing:*:*:*:*:*:*:*:*"],
                }
            ],
        }
    },
}
NVD = {
    "format": "NVD_CVE",
    "version": "2.0",
    "timestamp": "2022-02-15T00:00:00.000",
    "vulnerabilities": [
        {
            "cve": {
                "id": "CVE-2022-0004",
                "published": "2022-02-01T00:00:00.000",
                "lastModified": "2022-02-01T00:00:00.000",
                "vulnStatus": "Analyzed",
                "descriptions": [{"lang": "en", "value": "A weakness."}],
                "configurations": [
                    {
                        "nodes": [
                            {
                                "operator": "OR",
                                "negate": False,
                                "cpeMatch": [
                                    {
                                        "vulnerable": True,
                                        "criteria": "cpe:2.3:a:example:thing:*:*:*:*:*:*:*:*",
                                        "versionEndExcluding": "1.2.0",
                                    }
                                ],
                            }
                        ]
                    }
                ],
            }
        }
    ],
}
DEBIAN = {
    "thing": {
        "CVE-2022-0005": {
            "description": "A weakness.",
            "scope": "remote",
            "releases": {
                "bookworm": {
                    "status": "resolved",
                    "fixed_version": "1.2-1",
                    "repositories": {"bookworm": "1.2-1"},
                    "urgency": "low",
                }
            },
        }
    }
}
ALPINE = {
    "distroversion": "v3.18",
    "reponame": "main",
    "apkurl": "{{urlprefix}}/{{distroversion}}/{{reponame}}/{{arch}}/{{pkg.name}}-{{pkg.ver}}.apk",
    "archs": ["x86_64"],
    "urlprefix": "https://example.org",
    "packages": [{"pkg": {"name": "thing", "secfixes": {"1.2-r0": ["CVE-2022-0006"]}}}],
}
OPENVEX = {
    "@context": "https://openvex.dev/ns/v0.2.0",
    "@id": "https://example.org/vex/1",
    "author": "Example",
    "timestamp": "2022-02-15T00:00:00Z",
    "version": 1,
    "statements": [
        {
            "vulnerability": {"name": "CVE-2022-0007"},
            "products": [{"@id": "pkg:pypi/thing@1.0"}],
            "status": "not_affected",
            "justification": "component_not_present",
        }
    ],
}


@pytest.mark.parametrize(
    ("document", "cve"),
    [
        pytest.param(CVE5, "CVE-2022-0003", id="CVE record 5"),
        pytest.param(NVD, "CVE-2022-0004", id="NVD 2.0"),
        pytest.param(DEBIAN, "CVE-2022-0005", id="Debian tracker"),
        pytest.param(ALPINE, "CVE-2022-0006", id="Alpine secdb"),
        pytest.param(OPENVEX, "CVE-2022-0007", id="OpenVEX"),
    ],
)
def test_each_source_gives_its_ranges(tmp_path, document, cve):
    (tmp_path / "source.json").write_text(json.dumps(document), encoding="utf-8")
    manifest, tables = build([tmp_path / "source.json"], "test")
    assert tables["ranges"].num_rows >= 1
    assert any("thing" in name for name in tables["packages"]["package"].to_pylist())
    told = " ".join(str(value) for row in tables["advisories"].to_pylist() for value in row.values())
    assert cve in told
    assert manifest.sources[0].sha256
