from kit.packs import library, read_values

PLATFORM = {
    "product_id": "BaseOS",
    "name": "RHEL 8",
    "product_identification_helper": {"cpe": "cpe:/o:redhat:enterprise_linux:8::baseos"},
}


def csaf():
    def package(name, version=None):
        purl = f"pkg:rpm/redhat/{name}" + (f"@{version}?arch=src&epoch=1" if version else "")
        return {
            "category": "product_version",
            "name": name,
            "product": {"product_id": name, "name": name, "product_identification_helper": {"purl": purl}},
        }

    names = [("openssl", "1.1.1k-7.el8_6"), ("bash", None), ("glibc", None), ("nodejs", "18.1-1.module+el8.6")]
    return {
        "document": {"csaf_version": "2.0", "title": "T", "tracking": {"initial_release_date": "2024-01-01T00:00:00Z", "current_release_date": "2025-05-05T00:00:00Z"}},
        "product_tree": {
            "branches": [{"category": "vendor", "name": "Red Hat", "branches": [{"category": "product_name", "name": "x", "product": PLATFORM}, *(package(*one) for one in names)]}],
            "relationships": [
                {"category": "default_component_of", "product_reference": name, "relates_to_product_reference": "BaseOS", "full_product_name": {"product_id": f"BaseOS:{name}", "name": name}}
                for name, _ in names
            ],
        },
        "vulnerabilities": [
            {
                "cve": "CVE-2024-1", "cwe": {"id": "CWE-20"}, "scores": [{"cvss_v3": {"baseScore": 5.9, "vectorString": "CVSS:3.1/x"}}],
                "product_status": {"fixed": ["BaseOS:openssl", "BaseOS:nodejs"], "known_affected": ["BaseOS:bash"], "known_not_affected": ["BaseOS:glibc"]},
                "flags": [{"label": "vulnerable_code_not_present", "product_ids": ["BaseOS:glibc"]}],
                "remediations": [{"category": "no_fix_planned", "details": "x", "product_ids": ["BaseOS:bash"]}],
            }
        ],
    }  # fmt: skip


def test_csaf_vex(tmp_path):
    found, reading = read_values([csaf()], tmp_path)
    assert reading.unreadable == 0 and reading.dates == {"2025-05-05"}
    known = library(record for _, record in found)

    def said(name, version):
        return [(one.verdict, one.why, one.fixed_version) for one in known.match([("rhel 8", name, version)])[0]]

    assert said("openssl", "1:1.1.1k-6.el8") == [("affected", "", "1:1.1.1k-7.el8_6")]
    assert said("openssl", "1:1.1.1k-7.el8_6") == [("fixed", "", "1:1.1.1k-7.el8_6")]
    assert said("bash", "4.4-1") == [("affected", "will_not_fix", "")]
    assert said("glibc", "2.28-1") == [("not_affected", "vulnerable_code_not_present", "")]
    assert said("nodejs", "1:18.0-1.module+el8.5") == [("affected", "", "1:18.1-1.module+el8.6")], "a module's build"
    assert said("nodejs", "1:10.0-1.el8") == [], "a module's fix says nothing of builds outside modules"


def test_openvex(tmp_path):
    value = {
        "@context": "https://openvex.dev/ns/v0.2.0", "timestamp": "2025-01-02T00:00:00Z",
        "statements": [
            {"vulnerability": {"name": "CVE-2024-1"}, "products": [{"@id": "pkg:deb/ubuntu/curl@8.5.0-2ubuntu10.1?arch=source&distro=noble"}], "status": "fixed"},
            {"vulnerability": {"name": "CVE-2024-2", "aliases": ["GHSA-2"]}, "products": [{"@id": "pkg:npm/%40a/b@1.0.0"}], "status": "not_affected", "justification": "component_not_present"},
            {"vulnerability": {"name": "CVE-2024-3"}, "products": [{"@id": "not a purl"}], "status": "affected"},
        ],
    }  # fmt: skip
    found, _ = read_values([value], tmp_path)
    known = library(record for _, record in found)
    curl, scoped = known.match([("ubuntu 24.04", "curl", "8.5.0-2ubuntu10"), ("npm", "@a/b", "1.0.0")])
    assert [(one.id, one.verdict, one.fixed_version) for one in curl] == [("CVE-2024-1", "affected", "8.5.0-2ubuntu10.1")]
    assert [(one.verdict, one.why) for one in scoped] == [("not_affected", "component_not_present")]
