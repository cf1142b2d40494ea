import pytest

from kit import exabgp
from kit.findings import HOSTILE_TEXT, hostile, mitigation, ntp_amplification
from tocsin.exporters.actions.rtbh import PREFIXES_MAX, RTBH, render
from tocsin.terms import Tlp

BLACKHOLE = ntp_amplification().mitigations[2]


def test_exabgp_announces_the_addresses_with_the_blackhole_community_and_no_export(tmp_path):
    one = mitigation("blackhole", dst=("192.0.2.53/32", "2001:db8::5/128", "198.51.100.0/24"))
    path = tmp_path / "rtbh.conf"
    path.write_text(render(ntp_amplification(), one))
    told = {str(change.nlri): str(change.attributes) for change in exabgp.changes(path)}
    assert {nlri.partition(" ")[0] for nlri in told} == {"192.0.2.53/32", "2001:db8::5/128", "198.51.100.0/24"}
    assert {nlri.rpartition(" ")[2] for nlri in told} == {"192.0.2.1", "100::1"}
    assert all("community [ blackhole no-export ]" in attributes for attributes in told.values())


def test_exabgp_accepts_it_whatever_evidence_calls_things(tmp_path):
    paths = []
    for number, text in enumerate(HOSTILE_TEXT):
        evil = hostile(ntp_amplification(), text)
        paths.append(tmp_path / f"{number}.conf")
        paths[-1].write_text(render(evil, evil.mitigations[2]))
    done = exabgp.validate(paths)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_first_line_warns_that_it_completes_the_attack():
    text = render(ntp_amplification(), BLACKHOLE, tlp=Tlp.RED)
    assert text.startswith("# WARNING: this completes the attack for the addresses below.")
    assert "# TLP:RED\n" in text
    assert "WARNING" in RTBH.remark


def test_the_router_lines_are_comments():
    text = render(ntp_amplification(), BLACKHOLE)
    assert "# ip route 192.0.2.53/32 Null0 tag 666\n" in text
    assert not any(line.startswith(("ip ", "router", "route-map")) for line in text.splitlines())


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (mitigation("blackhole", dst=("192.0.2.1/32",)), ""),
        (mitigation("blackhole", src=("192.0.2.1/32",)), "destination"),
        (mitigation("blackhole", dst=("ff02::1/128",)), "no router"),
        (mitigation("blackhole", dst=tuple(f"10.0.{n}.0/32" for n in range(PREFIXES_MAX))), ""),
        (mitigation("blackhole", dst=tuple(f"10.0.{n}.0/32" for n in range(PREFIXES_MAX + 1))), "101"),
    ],
)
def test_what_is_no_mitigation_is_refused(one, said):
    reason = RTBH.why_not(ntp_amplification(), one)
    assert said in reason
    assert bool(said) == bool(reason)
