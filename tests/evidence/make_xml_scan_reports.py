"""Write the small scan reports in XML, and those of the same tools in JSON: ``python tests/evidence/make_xml_scan_reports.py``.

Everything is made up: addresses and names are those kept for documentation (RFC 5737, 3849, 2606), vulnerabilities are of no
product. A test checks that the files in the repository are what this script writes.
"""

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
CVSS = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"


def nessus_item(plugin: str, name: str, severity: int, port: int, more: str = "") -> str:
    return (
        f'<ReportItem port="{port}" svc_name="www" protocol="tcp" severity="{severity}" pluginID="{plugin}" pluginName="{name}" '
        f'pluginFamily="General"><synopsis>In short.</synopsis><description>At length.</description>{more}'
        f"<solution>Update it.</solution><plugin_output>seen on {port}</plugin_output></ReportItem>"
    )


NESSUS_MORE = (
    "<cve>CVE-2024-0001</cve><cve>CVE-2024-0002</cve><cwe>787</cwe><xref>IAVA:2024-A-1</xref>"
    f"<cvss3_base_score>9.8</cvss3_base_score><cvss3_vector>{CVSS}</cvss3_vector><cvss_base_score>7.5</cvss_base_score>"
)


def nessus_host(address: str, name: str, items: str) -> str:
    return (
        f'<ReportHost name="{address}"><HostProperties><tag name="host-ip">{address}</tag><tag name="host-fqdn">{name}</tag>'
        '<tag name="HOST_START">Fri Mar  1 10:00:00 2024</tag><tag name="HOST_END">Fri Mar  1 10:05:00 2024</tag>'
        f"</HostProperties>{items}</ReportHost>\n"
    )


def openvas_result(uid: int, address: str, port: str, threat: str, severity: str, more: str = "") -> str:
    return (
        f'<result id="{uid}"><name>Weak cipher {uid}</name><creation_time>2024-03-01T10:01:00Z</creation_time>'
        f'<host>{address}<asset asset_id="a"/><hostname>web.example.org</hostname></host><port>{port}</port>'
        f'<nvt oid="1.3.6.1.4.1.25623.1.0.{uid}"><type>nvt</type><name>Weak cipher {uid}</name>'
        f"<tags>cvss_base_vector=AV:N/AC:L/Au:N/C:P/I:N/A:N|summary=It is weak.|impact=It can be read.</tags>"
        f'<solution type="Mitigation">Turn it off.</solution>{more}</nvt><threat>{threat}</threat><severity>{severity}</severity>'
        f"<qod><value>98</value></qod><description>Offered.</description>"
        f'<detection><result id="d{uid}"><details/></result></detection></result>\n'
    )


def qualys_entry(qid: int, kind: str, port: int, cvss: str = "-") -> str:
    return (
        f'<VULN_INFO><QID id="qid_{qid}">{qid}</QID><TYPE>{kind}</TYPE><PORT>{port}</PORT><PROTOCOL>tcp</PROTOCOL>'
        f"<RESULT><![CDATA[seen on {port}]]></RESULT><FIRST_FOUND>2024-01-01T00:00:00Z</FIRST_FOUND>"
        f"<VULN_STATUS>Active</VULN_STATUS><CVSS3_FINAL>{cvss}</CVSS3_FINAL></VULN_INFO>"
    )


def qualys_details(qid: int, title: str, severity: int, cves: str = "") -> str:
    return (
        f'<VULN_DETAILS id="qid_{qid}"><QID id="qid_{qid}">{qid}</QID><TITLE><![CDATA[{title}]]></TITLE><SEVERITY>{severity}</SEVERITY>'
        f"<THREAT><![CDATA[It is <b>open</b>.<P>Very.]]></THREAT><SOLUTION><![CDATA[Close it.]]></SOLUTION>{cves}</VULN_DETAILS>"
    )


def nexpose_test(uid: str, status: str) -> str:
    return f'<test id="{uid}" status="{status}" vulnerable-since="20240301T100000000"><Paragraph>Seen.</Paragraph></test>'


def burp_issue(number: int, name: str, severity: str, path: str) -> str:
    return (
        f"<issue><serialNumber>{number}</serialNumber><type>1049088</type><name>{name}</name>"
        f'<host ip="192.0.2.1">https://web.example.org</host><path><![CDATA[{path}]]></path><location><![CDATA[{path} [q]]]></location>'
        f"<severity>{severity}</severity><confidence>Firm</confidence><issueBackground><![CDATA[<p>Bad.</p>]]></issueBackground>"
        f"<remediationBackground><![CDATA[<p>Mend it.</p>]]></remediationBackground>"
        f"<vulnerabilityClassifications><![CDATA[<li>CWE-89: SQL</li>]]></vulnerabilityClassifications>"
        f'<requestresponse><request method="GET" base64="true"><![CDATA[R0VUIC8=]]></request></requestresponse></issue>\n'
    )


def zap_alert(plugin: int, name: str, risk: int, level: str, *urls: str) -> str:
    instances = "".join(f"<instance><uri>{url}</uri><method>GET</method></instance>" for url in urls)
    return (
        f"<alertitem><pluginid>{plugin}</pluginid><alert>{name}</alert><name>{name}</name><riskcode>{risk}</riskcode>"
        f"<confidence>2</confidence><riskdesc>{level} (Medium)</riskdesc><desc>&lt;p&gt;A header &amp;amp; more.&lt;/p&gt;</desc>"
        f"<instances>{instances}</instances><solution>&lt;p&gt;Set it.&lt;/p&gt;</solution><cweid>614</cweid></alertitem>\n"
    )


def nikto_item(uid: str, osvdb: str, said: str, path: str) -> str:
    return (
        f'<item id="{uid}" osvdbid="{osvdb}" osvdblink="" method="GET"><description><![CDATA[{said}]]></description>'
        f"<uri><![CDATA[{path}]]></uri><namelink><![CDATA[https://web.example.org:443{path}]]></namelink>"
        f"<iplink><![CDATA[https://192.0.2.1:443{path}]]></iplink></item>\n"
    )


def acunetix_item(name: str, severity: str, path: str, impact: str = "It is read.") -> str:
    return (
        f"<ReportItem><Name><![CDATA[{name}]]></Name><ModuleName>module</ModuleName><Details><![CDATA[<b>q</b>]]></Details>"
        f"<Affects><![CDATA[{path}]]></Affects><IsFalsePositive></IsFalsePositive><Severity>{severity}</Severity>"
        f"<Impact>{impact}</Impact><Description><![CDATA[<p>Text.</p>]]></Description><Recommendation>Mend it.</Recommendation>"
        f"<CWEList><CWE>CWE-79</CWE></CWEList><CVSS3><Descriptor>{CVSS}</Descriptor><Score>9.8</Score></CVSS3></ReportItem>\n"
    )


def sslyze_target(host: str, address: str, suites: str, secure: str = "True", heartbleed: str = "False") -> str:
    return (
        f'<target host="{host}" ip="{address}" port="443" tlsWrappedProtocol="https"><certinfo title="Certificate"/>'
        f'<heartbleed title="OpenSSL Heartbleed"><openSslHeartbleed isVulnerable="{heartbleed}"/></heartbleed>'
        f'<reneg title="Session Renegotiation"><sessionRenegotiation isSecure="{secure}"/></reneg>'
        f'<tlsv1_2 isProtocolSupported="True" title="TLSV1_2"><preferredCipherSuite/><acceptedCipherSuites>'
        f'{suites}</acceptedCipherSuites></tlsv1_2><sslv3 isProtocolSupported="False" title="SSLV3"/></target>\n'
    )


def cipher(name: str) -> str:
    return f'<cipherSuite name="{name}" keySize="128"/>'


def accepted(*names: str) -> dict[str, Any]:
    return {"status": "COMPLETED", "result": {"accepted_cipher_suites": [{"cipher_suite": {"name": name}} for name in names]}}


def rule(uid: str, title: str, severity: str, cve: str) -> str:
    return (
        f'<Rule id="{uid}" severity="{severity}"><title>{title}</title><description>Why <b>it</b> matters.</description>'
        f'<ident system="http://cve.mitre.org">{cve}</ident><fixtext>Update.</fixtext></Rule>\n'
    )


def rule_result(uid: str, result: str, check: str) -> str:
    return (
        f'<rule-result idref="{uid}" severity="high" time="2024-03-01T10:00:00Z"><result>{result}</result>'
        f'<check system="oval"><check-content-ref name="{check}" href="oval.xml"/></check></rule-result>\n'
    )


def outpost24_detail(uid: int, port: int, more: str) -> str:
    return (
        f"<detail><ip>192.0.2.1</ip><hostname>web.example.org</hostname><id>{uid}</id><name>Old product {uid}</name>"
        f"<portinfo><portnumber>{port}</portnumber><protocol>TCP</protocol></portinfo>{more}<product>Product</product>"
        "<description>It is old.</description><falsepositive>0</falsepositive><solution>Update it.</solution></detail>\n"
    )


DEPENDENCY = """<dependency><fileName>app.ear: lib-1.0.jar</fileName><filePath>/app.ear/lib-1.0.jar</filePath>
<relatedDependencies><relatedDependency><fileName>other.ear: lib-1.0.jar</fileName><filePath>/other.ear/lib-1.0.jar</filePath>
</relatedDependency><relatedDependency><filePath>/unnamed.jar</filePath></relatedDependency></relatedDependencies>
<evidenceCollected><evidence type="vendor"><value>example</value></evidence></evidenceCollected>
<identifiers><package confidence="HIGH"><id>pkg:maven/org.example/lib@1.0</id></package></identifiers>
<vulnerabilities><vulnerability source="NVD"><name>CVE-2024-0001</name><severity>CRITICAL</severity>
<cvssV3><baseScore>9.8</baseScore><attackVector>NETWORK</attackVector><attackComplexity>LOW</attackComplexity>
<privilegesRequired>NONE</privilegesRequired><userInteraction>NONE</userInteraction><scope>UNCHANGED</scope>
<confidentialityImpact>HIGH</confidentialityImpact><integrityImpact>HIGH</integrityImpact>
<availabilityImpact>HIGH</availabilityImpact></cvssV3><cwes><cwe>CWE-502</cwe><cwe>CWE-20</cwe></cwes>
<description>It runs what it reads.</description></vulnerability>
<suppressedVulnerability><name>CVE-2024-0002</name><severity>low</severity><notes>Not used.</notes></suppressedVulnerability>
</vulnerabilities></dependency>
"""

REPORTS: dict[str, Any] = {
    "nmap/scripts.xml": """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE nmaprun>
<nmaprun scanner="nmap" args="nmap -sV --script vuln,vulners 192.0.2.0/30" start="1709287200" version="7.95">
<host starttime="1709287200"><status state="up"/><address addr="192.0.2.1" addrtype="ipv4"/>
<address addr="00:00:5E:00:53:01" addrtype="mac"/><hostnames><hostname name="asked.example.org" type="user"/>
<hostname name="web.example.org" type="PTR"/></hostnames><ports>
<port protocol="tcp" portid="22"><state state="open"/><service name="ssh" product="ExampleSSH" version="7.4"/>
<script id="vulners" output="..."><table key="cpe:/a:example:ssh:7.4">
<table><elem key="cvss">9.8</elem><elem key="id">CVE-2024-0001</elem><elem key="type">cve</elem></table>
<table><elem key="cvss">5.0</elem><elem key="id">EXPLOITPACK:ABC</elem><elem key="type">exploitpack</elem></table>
</table></script></port>
<port protocol="tcp" portid="80"><state state="open"/><service name="http"/></port>
<port protocol="tcp" portid="81"><state state="closed"/></port>
<port protocol="udp" portid="161"><state state="open|filtered"/></port></ports>
<hostscript><script id="smb-vuln-example" output="Risk factor: HIGH  CVSS"><table key="CVE-2024-0003">
<elem key="title">Remote code in SMB</elem><elem key="state">VULNERABLE</elem><table key="ids"><elem>CVE:CVE-2024-0003</elem></table>
</table></script></hostscript></host>
<host><status state="up"/><address addr="2001:db8::2" addrtype="ipv6"/><ports>
<port protocol="tcp" portid="80"><state state="open"/></port></ports></host>
<runstats><finished time="1709287260"/><hosts up="2" down="2" total="4"/></runstats>
</nmaprun>
""",
    "nmap/masscan.xml": """<?xml version="1.0"?>
<!-- masscan v1.0 scan -->
<nmaprun scanner="masscan" start="1709287200" version="1.0-BETA" xmloutputversion="1.03">
<scaninfo type="syn" protocol="tcp" />
<host endtime="1709287201"><address addr="192.0.2.1" addrtype="ipv4"/><ports><port protocol="tcp" portid="80">
<state state="open" reason="syn-ack" reason_ttl="64"/></port></ports></host>
<host endtime="1709287202"><address addr="192.0.2.1" addrtype="ipv4"/><ports><port protocol="tcp" portid="80">
<state state="open" reason="syn-ack" reason_ttl="64"/></port></ports></host>
<host endtime="1709287203"><address addr="192.0.2.2" addrtype="ipv4"/><ports><port protocol="tcp" portid="80">
<state state="open" reason="syn-ack" reason_ttl="64"/></port></ports></host>
<runstats><finished time="1709287210" elapsed="10" /><hosts up="2" down="0" total="2" /></runstats>
</nmaprun>
""",
    "nessus/scan.nessus": '<?xml version="1.0" ?>\n<NessusClientData_v2><Policy><policyName>Basic</policyName><Preferences><ServerPreferences>'
    "<preference><name>plugin_set</name><value>1;2</value></preference></ServerPreferences></Preferences></Policy>\n"
    '<Report name="Office" xmlns:cm="http://www.nessus.org/cm">'
    + nessus_host("192.0.2.1", "web.example.org", nessus_item("1", "Old server", 3, 443, NESSUS_MORE) + nessus_item("2", "Web server", 0, 443))
    + nessus_host("192.0.2.2", "db.example.org", nessus_item("1", "Old server", 3, 8443, NESSUS_MORE) + nessus_item("2", "Web server", 0, 0))
    + "</Report></NessusClientData_v2>\n",
    "openvas/report.xml": '<report id="r" format_id="a994b278-1f62-11e1-96ac-406186ea4fc5" extension="xml" content_type="text/xml"><name>r</name>\n'
    '<report id="r"><gmp><version>22.4</version></gmp><scan_run_status>Done</scan_run_status><task id="t"><name>Office</name></task>'
    '<scan_start>2024-03-01T10:00:00Z</scan_start><results start="1" max="100">\n'
    + openvas_result(1, "192.0.2.1", "443/tcp", "Medium", "5.0", '<refs><ref type="cve" id="CVE-2024-0001"/><ref type="url" id="https://example.org"/></refs>')
    + openvas_result(1, "192.0.2.1", "443/tcp", "Medium", "5.0")
    + openvas_result(1, "192.0.2.2", "443/tcp", "Medium", "5.0")
    + openvas_result(2, "192.0.2.1", "general/tcp", "Log", "0.0")
    + "</results><result_count>4<full>4</full><filtered>4</filtered></result_count><scan_end>2024-03-01T11:00:00Z</scan_end></report></report>\n",
    "qualys/assets.xml": '<?xml version="1.0" encoding="UTF-8" ?>\n<!DOCTYPE ASSET_DATA_REPORT SYSTEM "https://example.org/asset_data_report.dtd">\n'
    "<ASSET_DATA_REPORT><HEADER><GENERATION_DATETIME>2024-03-01T10:00:00Z</GENERATION_DATETIME><TEMPLATE>All</TEMPLATE>"
    "<RISK_SCORE_SUMMARY><TOTAL_VULNERABILITIES>4</TOTAL_VULNERABILITIES></RISK_SCORE_SUMMARY></HEADER>\n<HOST_LIST>"
    "<HOST><IP>192.0.2.1</IP><DNS><![CDATA[web.example.org]]></DNS><VULN_INFO_LIST>"
    + qualys_entry(1, "Vuln", 443, "9.8 (AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H)") + qualys_entry(2, "Ig", 80) + qualys_entry(2, "Ig", 80)
    + "</VULN_INFO_LIST></HOST>\n<HOST><IP>192.0.2.2</IP><VULN_INFO_LIST>" + qualys_entry(1, "Practice", 443)
    + "</VULN_INFO_LIST></HOST></HOST_LIST>\n<GLOSSARY><VULN_DETAILS_LIST>"
    + qualys_details(1, "Open door", 5, "<CVE_ID_LIST><CVE_ID><ID>CVE-2024-0001</ID><URL>u</URL></CVE_ID></CVE_ID_LIST>")
    + qualys_details(2, "Host name", 1)
    + "</VULN_DETAILS_LIST></GLOSSARY></ASSET_DATA_REPORT>\n<!-- CONFIDENTIAL -->\n",
    "qualys/detections.xml": """<?xml version="1.0" encoding="UTF-8" ?>
<HOST_LIST_VM_DETECTION_OUTPUT><RESPONSE><DATETIME>2024-03-01T10:00:00Z</DATETIME><HOST_LIST><HOST><ID>1</ID><IP>192.0.2.1</IP>
<DNS>web.example.org</DNS><DETECTION_LIST><DETECTION><QID>38170</QID><TYPE>Confirmed</TYPE><SEVERITY>2</SEVERITY><PORT>443</PORT>
<PROTOCOL>tcp</PROTOCOL><RESULTS><![CDATA[Certificate #0]]></RESULTS><STATUS>Active</STATUS>
<FIRST_FOUND_DATETIME>2024-01-01T00:00:00Z</FIRST_FOUND_DATETIME></DETECTION><DETECTION><QID>38170</QID><TYPE>Confirmed</TYPE>
<SEVERITY>2</SEVERITY><PORT>8443</PORT><PROTOCOL>tcp</PROTOCOL><STATUS>Fixed</STATUS></DETECTION></DETECTION_LIST></HOST>
</HOST_LIST></RESPONSE></HOST_LIST_VM_DETECTION_OUTPUT>
""",
    "qualys_scan/scan.xml": """<?xml version="1.0" encoding="UTF-8" ?>
<!DOCTYPE SCAN SYSTEM "https://example.org/scan-1.dtd">
<SCAN value="scan/1.2"><HEADER><KEY value="DATE">2024-03-01T10:00:00Z</KEY><KEY value="TARGET"><![CDATA[192.0.2.1]]></KEY></HEADER>
<IP value="192.0.2.1" name="web.example.org"><OS>Linux</OS>
<INFOS><CAT value="TCP/IP"><INFO number="82040" severity="1"><TITLE>Replies</TITLE></INFO></CAT></INFOS>
<VULNS><CAT value="TCP/IP" port="443" protocol="tcp"><VULN number="11" severity="2"><TITLE>Hidden service</TITLE><CVSS_BASE>5</CVSS_BASE>
<CVSS3_BASE></CVSS3_BASE><CVE_ID_LIST><CVE_ID><ID>CVE-2024-0001</ID></CVE_ID></CVE_ID_LIST><DIAGNOSIS>It <i>hides</i>.</DIAGNOSIS>
<SOLUTION>Stop it.</SOLUTION></VULN><VULN number="12" severity="5"><TITLE>Old</TITLE></VULN></CAT></VULNS>
<PRACTICES><CAT value="x"><PRACTICE number="13" severity="3"><TITLE>Maybe</TITLE></PRACTICE></CAT></PRACTICES></IP>
</SCAN>
""",
    "qualys_was/scan.xml": """<?xml version='1.0' encoding='UTF-8'?>
<WAS_SCAN_REPORT><HEADER><GENERATION_DATETIME>01 Mar 2024 10:00AM GMT-0400</GENERATION_DATETIME></HEADER>
<TARGET><SCAN>Shop</SCAN></TARGET><RESULTS><VULNERABILITY_LIST>
<VULNERABILITY><QID>150001</QID><URL>https://shop.example.org/a?q=1</URL><DETECTION_DATE>01 Mar 2024 10:05AM GMT</DETECTION_DATE>
<ACCESS_PATH><URL>https://shop.example.org/</URL></ACCESS_PATH></VULNERABILITY>
<VULNERABILITY><QID>150001</QID><URL>https://shop.example.org/b</URL></VULNERABILITY></VULNERABILITY_LIST>
<INFORMATION_GATHERED_LIST><INFORMATION_GATHERED><QID>150009</QID><DATA base64="true">TGlua3M=</DATA></INFORMATION_GATHERED>
</INFORMATION_GATHERED_LIST></RESULTS>
<GLOSSARY><QID_LIST><QID><QID>150001</QID><SEVERITY>5</SEVERITY><TITLE>Cross-site scripting</TITLE><CWE>CWE-79</CWE>
<DESCRIPTION><![CDATA[It <b>echoes</b>.]]></DESCRIPTION><SOLUTION>Escape it.</SOLUTION></QID>
<QID><QID>150009</QID><SEVERITY>3</SEVERITY><TITLE>Links Crawled</TITLE></QID></QID_LIST></GLOSSARY></WAS_SCAN_REPORT>
""",
    "nexpose/report.xml": '<?xml version="1.0" encoding="UTF-8" ?>\n<NexposeReport version="2.0"><scans><scan id="1" name="Office" '
    'startTime="20240301T100000000" endTime="20240301T110000000" status="finished"/></scans><nodes>'
    '<node address="192.0.2.1" status="alive"><names><name>web.example.org</name></names><tests>'
    + nexpose_test("old-kernel", "vulnerable-version") + nexpose_test("not-here", "not-vulnerable")
    + '</tests><endpoints><endpoint protocol="tcp" port="22" status="open"><services><service name="SSH"><tests>'
    + nexpose_test("SSH-weak", "vulnerable-exploited")
    + '</tests></service></services></endpoint></endpoints></node>\n<node address="192.0.2.2" status="alive"><endpoints>'
    '<endpoint protocol="tcp" port="22" status="open"><services><service name="SSH"><tests>' + nexpose_test("ssh-weak", "vulnerable-potential")
    + "</tests></service></services></endpoint></endpoints></node></nodes>\n<VulnerabilityDefinitions>"
    '<vulnerability id="old-kernel" title="Old kernel" severity="9" cvssScore="9.3" cvssVector="(AV:N/AC:M/Au:N/C:C/I:C/A:C)">'
    "<description><ContainerBlockElement><Paragraph>Too\n old.</Paragraph></ContainerBlockElement></description>"
    '<references><reference source="CVE">CVE-2024-0001</reference></references><solution><Paragraph>Update.</Paragraph></solution></vulnerability>'
    '<vulnerability id="ssh-weak" title="Weak SSH" severity="4" cvssScore="4.3" cvssVector="(AV:N/AC:M/Au:N/C:P/I:N/A:N)"/>'
    "</VulnerabilityDefinitions></NexposeReport>\n",
    "burp/issues.xml": '<?xml version="1.0"?>\n<!DOCTYPE issues [\n<!ELEMENT issues (issue*)>\n<!ATTLIST issues burpVersion CDATA "">\n'
    "<!ELEMENT issue (serialNumber)>\n]>\n"
    '<issues burpVersion="2024.1" exportTime="Fri Mar 01 10:00:00 UTC 2024">\n'
    + burp_issue(1, "SQL injection", "High", "/a") + burp_issue(2, "SQL injection", "High", "/b")
    + burp_issue(3, "Interesting header", "Information", "/c").replace("1049088", "134217728") + "</issues>\n",
    "zap/report.xml": '<?xml version="1.0"?><OWASPZAPReport version="2.14.0" generated="Fri, 1 Mar 2024 10:00:00">\n'
    '<site name="https://web.example.org" host="web.example.org" port="443" ssl="true"><alerts>'
    + zap_alert(10011, "Cookie without Secure", 1, "Low", "https://web.example.org/a", "https://web.example.org/b", "https://web.example.org/a")
    + zap_alert(90022, "Error page", 2, "Medium", "https://web.example.org/e")
    + '</alerts></site>\n<site name="http://web.example.org" host="web.example.org" port="80" ssl="false"><alerts>'
    + zap_alert(10011, "Cookie without Secure", 1, "Low", "http://web.example.org/a") + "</alerts></site></OWASPZAPReport>\n",
    "nikto/new.xml": '<?xml version="1.0" ?>\n<!DOCTYPE niktoscan SYSTEM "docs/nikto.dtd">\n<niktoscan>\n<niktoscan version="2.1.6" nxmlversion="1.2">\n'
    '<scandetails targetip="192.0.2.1" targethostname="web.example.org" targetport="443" starttime="2024-03-01 10:00:00" '
    'sitename="https://web.example.org:443/">\n'
    + nikto_item("999100", "0", "Uncommon header 'x-a' found. Look at it.", "/") + nikto_item("000366", "3092", "/admin/: This might be interesting.", "/admin/")
    + nikto_item("999100", "0", "Uncommon header 'x-a' found. Look at it.", "/")
    + '<statistics elapsed="10" itemsfound="3" itemstested="6955" endtime="2024-03-01 10:10:00" /></scandetails>\n</niktoscan>\n\n</niktoscan>\n',
    "nikto/old.xml": '<?xml version="1.0" ?>\n<niktoscan hoststest="0" version="2.1.5"><scandetails targetip="192.0.2.1" targetport="80">'
    + nikto_item("1", "0", "A banner.", "/") + "</scandetails></niktoscan>\n",
    "nikto_json/report.json": [
        {
            "host": "web.example.org", "ip": "192.0.2.1", "port": "443", "banner": "",
            "vulnerabilities": [
                {"id": "740001", "OSVDB": "0", "method": "HEAD", "url": "/a.pem", "msg": "Backup file found. "},
                {"id": "740001", "OSVDB": "0", "method": "HEAD", "url": "/b.pem", "msg": "Backup file found. "},
                {"id": "1", "OSVDB": "3092", "method": "GET", "url": "/public/", "msg": "This might be interesting."},
            ],
        },
    ],
    "acunetix/report.xml": '<?xml version="1.0"?>\n<ScanGroup ExportedOn="01/03/2024, 12:00:00"><Scan><Name>s</Name>'
    "<StartURL><![CDATA[https://web.example.org:8443/app]]></StartURL><StartTime>01/03/2024, 10:00:00</StartTime>"
    "<FinishTime>01/03/2024, 11:00:00</FinishTime><Crawler><SiteFiles><SiteFile><Name>a</Name></SiteFile></SiteFiles></Crawler><ReportItems>\n"
    + acunetix_item("Cross-site scripting", "high", "/a") + acunetix_item("Cross-site scripting", "high", "/b")
    + acunetix_item("Cross-site scripting", "high", "/c", "Another.") + "</ReportItems></Scan></ScanGroup>\n",
    "acunetix_360/report.json": {
        "Generated": "01/03/2024 09:59 AM",
        "Target": {"Initiated": "01/03/2024 09:00 AM", "ScanId": "0", "Url": "https://web.example.org/"},
        "Vulnerabilities": [
            {
                "Name": "Cookie Not Marked as HttpOnly", "Severity": "Medium", "State": "Present, AcceptedRisk", "Url": f"https://web.example.org/{path}",
                "Classification": {"Cwe": "16,1004", "Cvss": {"Vector": CVSS, "BaseScore": {"Value": 9.8}}}, "LookupId": "1",
                "Description": "<p>A cookie.</p>", "RemedialProcedure": "<div>Mark it.</div>", "FirstSeenDate": "28/02/2024 12:30 PM",
            }
            for path in ("a", "b")
        ]
        + [{"Name": "Old server", "Severity": "BestPractice", "Classification": None, "Url": "https://web.example.org/", "State": "Present"}],
    },
    "sslyze/report.xml": '<?xml version="1.0" encoding="utf-8"?>\n<document SSLyzeVersion="2.0.6" title="SSLyze Scan Results"><results totalScanTime="1">\n'
    + sslyze_target("web.example.org", "192.0.2.1", cipher("TLS_RSA_WITH_AES_128_GCM_SHA256") + cipher("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"), "False", "True")
    + sslyze_target("db.example.org", "192.0.2.2", cipher("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384")) + "</results></document>\n",
    "sslyze_json/new.json": {
        "date_scans_started": "2024-03-01T10:00:00", "date_scans_completed": "2024-03-01T10:01:00", "sslyze_version": "5.2.0",
        "server_scan_results": [
            {
                "server_location": {"hostname": "web.example.org", "ip_address": "192.0.2.1", "port": 443},
                "scan_result": {
                    "heartbleed": {"status": "COMPLETED", "result": {"is_vulnerable_to_heartbleed": False}},
                    "tls_1_0_cipher_suites": accepted("TLS_RSA_WITH_AES_128_CBC_SHA"),
                    "tls_1_1_cipher_suites": accepted(),
                    "tls_1_2_cipher_suites": accepted("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_RSA_WITH_AES_128_CBC_SHA"),
                    "tls_1_3_cipher_suites": accepted("TLS_AES_128_GCM_SHA256"),
                    "session_renegotiation": {"result": {"supports_secure_renegotiation": False}},
                    "certificate_info": {
                        "result": {
                            "certificate_deployments": [
                                {
                                    "leaf_certificate_subject_matches_hostname": False,
                                    "path_validation_results": [
                                        {"openssl_error_string": "certificate has expired", "trust_store": {"name": "Mozilla", "version": "1"}},
                                        {"openssl_error_string": None, "trust_store": {"name": "Java", "version": "1"}},
                                    ],
                                },
                            ],
                        },
                    },
                },
            },
        ],
    },
    "sslyze_json/old.json": {
        "server_scan_results": [
            {
                "server_info": {"server_location": {"hostname": "web.example.org", "ip_address": "192.0.2.1", "port": 443}},
                "scan_commands_results": {
                    "heartbleed": {"is_vulnerable_to_heartbleed": True},
                    "tls_1_2_cipher_suites": {"accepted_cipher_suites": [{"cipher_suite": {"name": "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"}}]},
                },
            },
        ],
    },
    "dependency_check/report.xml": '<?xml version="1.0"?>\n<analysis xmlns="https://jeremylong.github.io/DependencyCheck/dependency-check.2.5.xsd">'
    "<scanInfo><engineVersion>9.0.0</engineVersion></scanInfo><projectInfo><name>Shop</name><reportDate>2024-03-01T10:00:00.123456789Z</reportDate>"
    "</projectInfo><dependencies>\n" + DEPENDENCY
    + '<dependency><fileName>old.jar</fileName><identifiers><identifier type="maven"><name>(org.example:old:2.0)</name></identifier></identifiers>'
    "<vulnerabilities><vulnerability><name>CVE-2014-0001</name><cvssScore>4.3</cvssScore><severity>Medium</severity><cwe>CWE-79 XSS</cwe>"
    "</vulnerability></vulnerabilities></dependency></dependencies></analysis>\n",
    "openscap/results.xml": '<?xml version="1.0" encoding="UTF-8"?>\n<Benchmark xmlns="http://checklists.nist.gov/xccdf/1.2" id="b">'
    '<status>accepted</status><Group id="g">\n' + rule("r1", "EXAMPLE-2024:1: kernel update", "high", "CVE-2024-0001") + rule("r2", "Root login", "medium", "CVE-2024-0002")
    + '</Group><TestResult id="t" start-time="2024-03-01T10:00:00Z" end-time="2024-03-01T10:01:00Z" test-system="cpe:/a:redhat:openscap:1.3.9">'
    "<target>web.example.org</target><target-address>127.0.0.1</target-address><target-address>192.0.2.1</target-address>\n"
    + rule_result("r1", "fail", "oval:1") + rule_result("r2", "fail", "oval:1") + rule_result("r2", "fail", "oval:2") + rule_result("r1", "pass", "oval:3")
    + "</TestResult></Benchmark>\n",
    "outpost24/report.xml": '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE main SYSTEM "https://example.org/XMLReport.dtd">\n<main>'
    "<report>Security Report</report><reportinfo><type>Vulnerability</type><reportdate>2024-03-01 10:00</reportdate></reportinfo>"
    "<hostlist><host><ip>192.0.2.1</ip></host></hostlist><detaillist>\n"
    + outpost24_detail(1, 443, f"<cvss_v3_score>9.8</cvss_v3_score><cvss_v3_vector>{CVSS}</cvss_v3_vector><cve><id>CVE-2024-0001</id></cve>")
    + outpost24_detail(1, 8443, f"<cvss_v3_score>9.8</cvss_v3_score><cvss_v3_vector>{CVSS}</cvss_v3_vector><cve><id>CVE-2024-0001</id></cve>")
    + outpost24_detail(2, 443, "<cvss_score>5.1</cvss_score><cvss_vector>(AV:N/AC:H/Au:N/C:P/I:P/A:P) (cdp:ND)</cvss_vector>") + "</detaillist></main>\n",
    "wapiti/report.xml": """<?xml version="1.0" ?>
<report type="security"><report_infos><info name="generatorVersion">Wapiti 3.0.4</info>
<info name="dateOfScan">Fri, 01 Mar 2024 10:00:00 +0000</info><info name="target">https://web.example.org/</info></report_infos>
<vulnerabilities><vulnerability name="Backup file"><description>Old.</description><solution>None.</solution><entries/></vulnerability>
<vulnerability name="Cross Site Request Forgery"><description><![CDATA[A form.]]></description><solution><![CDATA[Add a token.]]></solution>
<references><reference><title>CWE-352: CSRF</title><url>https://example.org</url></reference></references><entries>
<entry><method>GET</method><path>/a</path><level>1</level><info>No token</info><http_request>GET /a</http_request></entry>
<entry><method>GET</method><path>/b</path><level>1</level><info>No token</info></entry>
<entry><method>GET</method><path>/c</path><level>3</level><info>No token</info></entry></entries></vulnerability></vulnerabilities>
<anomalies><anomaly name="Error"><entries><entry><path>/</path><level>1</level><info>500</info></entry></entries></anomaly></anomalies>
</report>
""",
    "webinspect/sessions.xml": "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Sessions>"
    + "".join(
        f'<Session id="{path}"><URL>https://web.example.org:443/{path}</URL><RawResponse><![CDATA[<html>]]></RawResponse><Issues><Issue id="{path}">'
        "<CheckTypeID>Vulnerability</CheckTypeID><Name>Cross-frame scripting</Name><VulnerabilityID>11293</VulnerabilityID><Severity>3</Severity>"
        '<ReportSection><Name>Summary</Name><SectionText>It can be &lt;b&gt;framed&lt;/b&gt;.</SectionText></ReportSection>'
        '<ReportSection><Name>Fix</Name><SectionText>Forbid it.</SectionText></ReportSection>'
        '<Classifications><Classification kind="CWE" identifier="CWE-352">CSRF</Classification></Classifications></Issue></Issues></Session>\n'
        for path in ("a", "b")
    )
    + "</Sessions>\n",
    "arachni/report.json": {
        "version": "1.5.1", "options": {"url": "https://web.example.org/"}, "seed": "0",
        "start_datetime": "2024-03-01 10:00:00 +0000", "finish_datetime": "2024-03-01 11:00:00 +0000",
        "issues": [
            {
                "name": "Cross-Site Scripting (XSS)", "severity": "high", "cwe": 79, "digest": index, "check": {"shortname": "xss"},
                "description": "It echoes.", "remedy_guidance": "Escape it.", "references": {"a": "https://example.org"},
                "vector": {"action": f"https://web.example.org/{path}"}, "response": {"url": "https://web.example.org/r"},
            }
            for index, path in enumerate("ab")
        ]
        + [{"name": "Server header", "severity": "informational", "digest": 9, "response": {"url": "https://web.example.org/"}}],
    },
    "ssh_audit/server.json": {
        "banner": {"raw": "SSH-2.0-Example_1.0", "software": "Example_1.0"}, "target": "192.0.2.1:22",
        "cves": [{"name": "CVE-2024-0001", "cvssv2": 7.5, "description": "It overflows."}],
        "kex": [
            {"algorithm": "diffie-hellman-group1-sha1", "notes": {"fail": ["using a small modulus"], "warn": ["using SHA-1"]}},
            {"algorithm": "curve25519-sha256", "notes": {"info": ["available since 1.0"]}},
        ],
        "key": [{"algorithm": "ssh-rsa", "keysize": 2048, "notes": {"warn": ["2048 bits"]}}],
        "enc": [{"algorithm": "3des-cbc", "notes": {"fail": ["using a broken cipher"]}}],
        "mac": [{"algorithm": "hmac-sha2-256", "notes": {}}],
    },
}  # fmt: skip


def content(report: Any) -> bytes:
    """A report as its bytes: text as it is, everything else as JSON."""
    return (report if isinstance(report, str) else json.dumps(report, indent=1)).encode()


if __name__ == "__main__":
    for path, report in REPORTS.items():
        (HERE / path).parent.mkdir(exist_ok=True)
        (HERE / path).write_bytes(content(report))
