from kit.scan_reports import read, sample


def test_vendor_and_name_of_an_identifier():
    rows = sample("winget_export/export.json")
    assert rows.inventory("vendor", "name", "version") == [("Example", "Browser Beta", "1.2.3"), ("Maker", "Editor", None)]
    assert (rows.scan["product_version"], rows.scan["start_time"].year) == ("1.7.10661", 2024)


def test_nothing_installed():
    rows = read({"$schema": "https://aka.ms/winget-packages.schema.2.0.json", "Sources": []})[1]
    assert (rows.error, rows.components) == (None, [])
