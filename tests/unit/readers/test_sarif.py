from kit.scan_reports import read, sample


def test_each_location_of_a_result_that_failed_is_a_finding():
    rows = sample("sarif/tool.sarif")
    assert rows.column("rule", "severity_id", "url_path") == [("SQL1", 5, "a.py:7"), ("SQL1", 5, "a.py:9"), ("N1", 2, None)]
    assert rows.column("cwe", "title", "status")[1:] == [
        ("89", "Query from input", None),
        (None, "x is not used", "suppressed"),
    ]
    assert (rows.scan["product_name"], rows.scan["findings"], rows.scan["end_time"].year) == ("Linter", 3, 2024)


def test_no_runs_is_a_scan():
    assert read({"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "runs": []})[1].scan["findings"] == 0
