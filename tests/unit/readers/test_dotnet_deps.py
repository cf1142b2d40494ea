from kit.scan_reports import read, sample


def test_libraries_and_the_project():
    assert sample("dotnet_deps/app.deps.json").inventory("name", "version", "ecosystem", "asset") == [
        ("App", "1.0.0", None, "App"),
        ("Example.Parser", "1.0.0", "NuGet", "App"),
    ]


def test_the_assets_of_a_build():
    assets = {
        "version": 3,
        "targets": {"net8.0": {}},
        "libraries": {"Example.Parser/1.0.0": {"type": "package"}},
        "project": {"restore": {"projectName": "App"}},
    }
    name, rows = read(assets)
    assert (name, rows.inventory("name", "asset")) == ("dotnet_deps", [("Example.Parser", "App")])
