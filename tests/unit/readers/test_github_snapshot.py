from kit.scan_reports import sample


def test_dependencies_of_a_manifest():
    rows = sample("github_snapshot/snapshot.json")
    assert rows.inventory("name", "version", "ecosystem", "asset") == [
        ("parser", "1.0.0", "npm", "src/package-lock.json"),
        ("parser 1.0", None, None, "src/package-lock.json"),
    ]
    assert (rows.scan["product_name"], rows.scan["start_time"].year) == ("maker", 2024)
