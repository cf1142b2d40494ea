"""What holds for every reader of scan reports in XML: samples, entities, reports cut off, empty, or of a structure nobody knows."""

import io
import runpy

import pytest

from kit.scan_reports import EVIDENCE, claimants, read, sample
from tocsin.errors import EvidenceError
from tocsin.readers import readers

MADE = runpy.run_path(str(EVIDENCE / "make_xml_scan_reports.py"))
XML = [path for path, report in MADE["REPORTS"].items() if isinstance(report, str)]
BOMB = '<!DOCTYPE {0} [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>'
THIEF = '<!DOCTYPE {0} [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
# A report of each kind in which nothing was found.
EMPTY = {
    "nmap": '<nmaprun scanner="nmap" version="7.95"><runstats><hosts up="0" down="1" total="1"/></runstats></nmaprun>',
    "nessus": '<NessusClientData_v2><Policy/><Report name="r"><ReportHost name="192.0.2.1"/></Report></NessusClientData_v2>',
    "openvas": '<report id="r" format_id="f"><report id="r"><gmp/><results start="1" max="100"/><result_count>0<filtered>0</filtered></result_count></report></report>',
    "qualys": "<ASSET_DATA_REPORT><HEADER><COMPANY>c</COMPANY></HEADER></ASSET_DATA_REPORT>",
    "qualys_scan": '<SCAN value="s"><HEADER><KEY value="DATE">2024-03-01T10:00:00Z</KEY></HEADER><IP value="192.0.2.1"><VULNS/></IP></SCAN>',
    "qualys_was": "<WAS_SCAN_REPORT><HEADER/><RESULTS/></WAS_SCAN_REPORT>",
    "nexpose": '<NexposeReport version="2.0"><scans/><nodes/><VulnerabilityDefinitions/></NexposeReport>',
    "burp": '<issues burpVersion="2024.1" exportTime="x"></issues>',
    "zap": '<OWASPZAPReport version="2.9.0"><site name="https://a.example"><alerts></alerts></site></OWASPZAPReport>',
    "nikto": '<niktoscan version="2.1.6"><scandetails targetip="192.0.2.1"><statistics itemsfound="0"/></scandetails></niktoscan>',
    "acunetix": "<ScanGroup><Scan><StartURL>a.example</StartURL><ReportItems/></Scan></ScanGroup>",
    "sslyze": '<document SSLyzeVersion="2.0.6"><results/></document>',
    "dependency_check": '<analysis xmlns="https://jeremylong.github.io/DependencyCheck/dependency-check.2.5.xsd"><scanInfo/><projectInfo/><dependencies/></analysis>',
    "openscap": '<Benchmark xmlns="http://checklists.nist.gov/xccdf/1.2"><TestResult id="t"><target>a</target></TestResult></Benchmark>',
    "outpost24": "<main><reportinfo/><hostlist/><detaillist/></main>",
    "wapiti": '<report type="security"><report_infos><info name="target">x</info></report_infos><vulnerabilities/></report>',
    "webinspect": "<Sessions><Session><URL>https://a.example/</URL><Issues/></Session></Sessions>",
}  # fmt: skip
# One whose inside is not what such a report has.
ODD = {
    "nmap": '<nmaprun scanner="nmap"><hosts2/><runstats><hosts up="3" down="0" total="3"/></runstats></nmaprun>',
    "nessus": "<NessusClientData_v2><Results><Host/></Results></NessusClientData_v2>",
    "openvas": '<report id="r" format_id="f"><report id="r"><gmp/><result_count>7<filtered>7</filtered></result_count></report></report>',
    "qualys": "<ASSET_DATA_REPORT><HEADER><RISK_SCORE_SUMMARY><TOTAL_VULNERABILITIES>3</TOTAL_VULNERABILITIES></RISK_SCORE_SUMMARY></HEADER></ASSET_DATA_REPORT>",
    "qualys_scan": '<SCAN value="s"><KEY/><HOSTS><HOST/></HOSTS></SCAN>',
    "qualys_was": "<WAS_SCAN_REPORT><FINDINGS/></WAS_SCAN_REPORT>",
    "nexpose": "<NexposeReport><assets><asset/></assets></NexposeReport>",
    "burp": '<issues burpVersion="9"><finding/></issues>',
    "zap": "<OWASPZAPReport><alerts><alert/></alerts></OWASPZAPReport>",
    "nikto": '<niktoscan><scandetails><finding/><statistics itemsfound="2"/></scandetails></niktoscan>',
    "acunetix": "<ScanGroup><Target><Scan2/></Target><Scan3><Scan/></Scan3></ScanGroup>",
    "sslyze": '<document SSLyzeVersion="9"><servers/></document>',
    "dependency_check": '<analysis xmlns="https://jeremylong.github.io/DependencyCheck/dependency-check.9.xsd"><components/></analysis>',
    "openscap": '<Benchmark xmlns="http://checklists.nist.gov/xccdf/1.2"><Rule id="r"/></Benchmark>',
    "outpost24": "<main><reportinfo2/><findings/><x><reportinfo/></x></main>",
    "wapiti": '<report type="security"><report_infos><info name="target">x</info></report_infos><flaws/></report>',
    "webinspect": "<Sessions><Group><Session/></Group></Sessions>",
}  # fmt: skip


def readers_of(paths: list[str]) -> set[str]:
    return {path.partition("/")[0] for path in paths}


def with_doctype(path: str, doctype: str) -> str:
    """The sample, its document type replaced by one with entities, and the first of them used in its root."""
    text = MADE["REPORTS"][path]
    start = next(at for at in range(len(text)) if text[at] == "<" and text[at + 1].isalpha())
    name = text[start + 1 :].replace(">", " ").split()[0]
    end = text.index(">", start) + 1
    return doctype.format(name) + text[start:end] + ("&c;" if "ENTITY c" in doctype else "&x;") + text[end:]


@pytest.mark.parametrize("path", MADE["REPORTS"])
def test_the_sample_is_what_its_script_writes(path):
    assert (EVIDENCE / path).read_bytes() == MADE["content"](MADE["REPORTS"][path]), (
        "run python tests/evidence/make_xml_scan_reports.py"
    )


@pytest.mark.parametrize("path", MADE["REPORTS"])
def test_every_finding_has_what_an_analyst_asks_first(path):
    rows = sample(path)
    assert rows.scan["findings"] == len(rows.findings) > 0
    for row in rows.findings:
        assert row["title"]
        assert row["asset"]
        assert row["severity_id"]
        assert row["product_name"] == rows.scan["product_name"]
        assert "<" not in (row["description"] or "")


@pytest.mark.parametrize("path", XML)
@pytest.mark.parametrize("doctype", [BOMB, THIEF], ids=["bomb", "thief"])
def test_entities_are_refused(path, doctype):
    reader, data, batches = readers()[path.partition("/")[0]], with_doctype(path, doctype).encode(), []
    assert claimants(data) in ([reader.id], [])  # [] where a claim stands on more than the root's name
    with pytest.raises(EvidenceError, match="entity"):
        batches.extend(reader.read(io.BytesIO(data), evidence_id="e1", report=lambda fault: None))
    assert batches == []


@pytest.mark.parametrize("path", XML)
def test_a_report_cut_off_gives_what_was_complete_and_says_so(path):
    whole = MADE["REPORTS"][path]
    _, rows = read(whole[: whole.rindex("</") + 3])
    assert rows.error is not None
    assert "at byte" in str(rows.error)
    assert len(rows.findings) == len(sample(path).findings)


def test_there_is_an_empty_and_an_odd_one_of_every_kind():
    assert readers_of(XML) == EMPTY.keys() == ODD.keys()


@pytest.mark.parametrize("name", EMPTY)
def test_a_report_without_findings_is_a_scan_that_found_nothing(name):
    found, rows = read(EMPTY[name])
    assert (found, rows.error, rows.faults, rows.findings) == (name, None, [], [])
    assert rows.scan["findings"] == 0


@pytest.mark.parametrize("name", ODD)
def test_a_structure_that_is_not_known_is_an_error_not_zero_findings(name):
    found, rows = read(ODD[name])
    assert found == name
    assert "expected" in str(rows.error)
    assert rows.findings == []
