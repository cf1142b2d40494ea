from kit.packs import library, read_values


def ask(tmp_path, value, *wanted):
    found, reading = read_values([value], tmp_path)
    assert reading.unreadable == 0
    known = library(record for _, record in found)
    return [[(one.id, one.verdict, one.why, one.fixed_version) for one in said] for said in known.match(wanted)]


def test_debians_tracker(tmp_path):
    def release(**said):
        return {"releases": {"bookworm": said, "sid": {"status": "resolved", "fixed_version": "9"}}, "description": "Bad"}

    value = {
        "openssl": {
            "CVE-1": release(status="resolved", fixed_version="3.0.11-1~deb12u2", urgency="not yet assigned"),
            "CVE-2": release(status="open", urgency="unimportant"),
            "CVE-3": release(status="resolved", fixed_version="0"),
            "CVE-4": release(status="undetermined"),
        }
    }
    before, after, other = ask(
        tmp_path,
        value,
        ("debian 12", "openssl", "3.0.11-1~deb12u1"),
        ("debian 12", "openssl", "3.0.11-1~deb12u2"),
        ("debian 11", "openssl", "1"),
    )
    assert sorted(before) == [
        ("CVE-1", "affected", "", "3.0.11-1~deb12u2"), ("CVE-2", "affected", "unimportant", ""),
        ("CVE-3", "not_affected", "vulnerable_code_not_present", ""), ("CVE-4", "not_evaluated", "its maker has not decided yet", ""),
    ]  # fmt: skip
    assert ("CVE-1", "fixed", "", "3.0.11-1~deb12u2") in after and other == []


def test_alpines_secdb(tmp_path):
    value = {
        "apkurl": "x", "distroversion": "v3.18", "reponame": "main", "urlprefix": "https://example.org/alpine",
        "packages": [{"pkg": {"name": "curl", "secfixes": {"8.1.0-r0": ["CVE-1 GHSA-1", "CVE-2"], "0": ["CVE-3"]}}}],
    }  # fmt: skip
    (said,) = ask(tmp_path, value, ("alpine 3.18", "curl", "8.0.1-r3"))
    assert sorted(one[:2] for one in said) == [("CVE-1", "affected"), ("CVE-2", "affected"), ("CVE-3", "not_affected")]


def test_a_release_of_alpine_that_is_none_is_a_fault(tmp_path):
    good = {"apkurl": "x", "distroversion": "v3.18", "packages": [{"pkg": {"name": "a", "secfixes": {"1-r0": ["CVE-1"]}}}]}
    found, reading = read_values([{"apkurl": "x", "distroversion": "?", "packages": []}, good], tmp_path)
    assert len(found) == 1 and "expected a release of Alpine" in reading.first_fault
