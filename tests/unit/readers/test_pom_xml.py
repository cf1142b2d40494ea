from kit.scan_reports import read, sample


def test_versions_by_properties_and_management():
    assert sample("pom_xml/pom.xml").inventory("name", "version", "scope", "asset") == [
        ("org.example:parser", "1.0", None, "org.example:app"),
        ("org.example:managed", "2.0", "test", "org.example:app"),
        ("org.example:sibling", "7", None, "org.example:app"),
        ("org.example:ranged", None, None, "org.example:app"),
        ("org.example:elsewhere", None, None, "org.example:app"),
    ]


def test_properties_that_name_each_other_end():
    text = (
        "<project><modelVersion>4.0.0</modelVersion><properties><a>${b}${b}</a><b>${a}${a}</b></properties><dependencies><dependency>"
        "<groupId>g</groupId><artifactId>i</artifactId><version>${a}</version></dependency></dependencies></project>"
    )
    assert read(text)[1].inventory("name", "version") == [("g:i", None)]


def test_a_dependency_without_artifact_is_a_fault_and_none_readable_an_error():
    text = "<project><modelVersion>4.0.0</modelVersion><dependencies><dependency><groupId>g</groupId></dependency></dependencies></project>"
    rows = read(text)[1]
    assert len(rows.faults) == 1
    assert "artifactId" in str(rows.error)
