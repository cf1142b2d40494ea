import pytest

from tocsin.readers._findings import Place
from tocsin.readers._testssl import place, seen


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ({"id": "BEAST", "severity": "LOW", "cve": "CVE-1 CVE-2"}, 2),
        ({"id": "TLS1", "severity": "WARN"}, 1),
        ({"id": "TLS1_3", "severity": "OK"}, 0),
        ({"id": "overall_grade", "severity": "HIGH"}, 0),
        ({"id": "grade_cap_reason_1", "severity": "INFO"}, 0),
    ],
)
def test_which_lines_are_findings(line, count):
    assert len(list(seen(0, line, Place()))) == count


def test_hosts_are_name_and_address():
    assert place("www.example.org/2001:db8::1", "443") == Place(None, "2001:db8::1", "www.example.org", 443)
    assert place("192.0.2.1/", "x") == Place(None, "192.0.2.1")
