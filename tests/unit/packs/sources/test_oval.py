from kit.packs import library
from tocsin.errors import PackError
from tocsin.packs.sources import Reading, read

OVAL = """<?xml version="1.0"?>
<oval_definitions xmlns="http://oval.mitre.org/XMLSchema/oval-definitions-5" xmlns:red-def="http://oval.mitre.org/XMLSchema/oval-definitions-5#linux">
<definitions><definition class="patch" id="oval:com.redhat.rhsa:def:20192304"><metadata><title>RHSA-2019:2304: openssl (Moderate)</title>
<affected family="unix"><platform>Red Hat Enterprise Linux 7</platform></affected>
<reference ref_id="RHSA-2019:2304" source="RHSA"/><reference ref_id="CVE-2018-0734" source="CVE"/><reference ref_id="CVE-2019-1559" source="CVE"/>
<advisory><severity>Moderate</severity><issued date="2019-08-06"/></advisory></metadata>
<criteria operator="AND"><criterion test_ref="oval:t:1" comment="openssl-libs is earlier than 1:1.0.2k-19.el7"/><criterion test_ref="oval:t:2"/></criteria>
</definition></definitions>
<tests><red-def:rpminfo_test id="oval:t:1"><red-def:object object_ref="oval:o:1"/><red-def:state state_ref="oval:s:1"/></red-def:rpminfo_test>
<red-def:rpminfo_test id="oval:t:2"><red-def:object object_ref="oval:o:1"/><red-def:state state_ref="oval:s:2"/></red-def:rpminfo_test></tests>
<objects><red-def:rpminfo_object id="oval:o:1"><red-def:name>openssl-libs</red-def:name></red-def:rpminfo_object></objects>
<states><red-def:rpminfo_state id="oval:s:1"><red-def:evr datatype="evr_string" operation="less than">1:1.0.2k-19.el7</red-def:evr></red-def:rpminfo_state>
<red-def:rpminfo_state id="oval:s:2"><red-def:signature_keyid operation="equals">199e</red-def:signature_keyid></red-def:rpminfo_state></states>
</oval_definitions>"""


def test_definitions(tmp_path):
    path = tmp_path / "rhel-7.oval.xml"
    path.write_text(OVAL)
    reading = Reading()
    found = list(read(path, reading))
    assert [kind for kind, _ in found] == ["oval"] and reading.dates == {"2019-08-06"}
    known = library(record for _, record in found)
    (said,) = known.match([("rhel 7", "openssl-libs", "1:1.0.2k-16.el7")])
    assert [(one.id, one.covers, one.verdict, one.fixed_version, one.severity) for one in said] == [
        ("RHSA-2019:2304", ("CVE-2018-0734", "CVE-2019-1559"), "affected", "1:1.0.2k-19.el7", "moderate")
    ]


def test_entities_are_refused(tmp_path):
    path = tmp_path / "bomb.xml"
    path.write_text('<!DOCTYPE x [<!ENTITY a "b">]>' + OVAL.partition("?>")[2].replace("<title>", "<title>&a;"))
    reading = Reading()
    try:
        assert list(read(path, reading)) == []
    except PackError as error:
        assert "oval" in str(error) or "DTD" in str(error)
    assert reading.unreadable == 1
