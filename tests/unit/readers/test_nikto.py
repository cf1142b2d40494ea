from kit.scan_reports import read, sample
from tocsin.readers.nikto import severity_of_item
from tocsin.terms import Severity


def test_one_sentence_about_one_address_is_one_finding():
    rows = sample("nikto/new.xml")
    assert rows.column("rule", "title", "severity_id", "vulnerability_uid", "occurrences") == [
        ("999100", "Uncommon header 'x-a' found", 1, None, 1),
        ("000366", "/admin/: This might be interesting.", 3, "OSVDB-3092", 1),
    ]
    assert [(p["hostname"], p["ip"], p["port"], p["url_path"]) for p in rows.places] == [
        ("web.example.org", "192.0.2.1", 443, "/"), ("web.example.org", "192.0.2.1", 443, "/admin/"),
    ]  # fmt: skip
    assert (rows.scan["product_version"], rows.scan["end_time"].isoformat()) == ("2.1.6", "2024-03-01T10:10:00+00:00")


def test_the_old_form_has_one_root():
    assert sample("nikto/old.xml").column("title", "asset") == [("A banner.", "web.example.org")]


def test_items_are_announced_but_not_there():
    _, rows = read('<niktoscan><scandetails><statistics itemsfound="4"/></scandetails></niktoscan>')
    assert "expected 4 items" in str(rows.error)


def test_ratings():
    assert [severity_of_item(said) for said in ("0", None, "3092")] == [
        Severity.INFORMATIONAL, Severity.INFORMATIONAL, Severity.MEDIUM,
    ]  # fmt: skip
