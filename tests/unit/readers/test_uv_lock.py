from kit.scan_reports import sample


def test_the_project_is_the_asset_and_has_no_ecosystem():
    assert sample("uv_lock/uv.lock").inventory("name", "version", "ecosystem", "asset") == [
        ("app", "0.1.0", None, "app"),
        ("parser", "1.0.0", "PyPI", "app"),
    ]
