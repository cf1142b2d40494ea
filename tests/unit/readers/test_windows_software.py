import pytest

from kit.scan_reports import claimants, read, sample


def test_the_registry_s_uninstall_key():
    assert sample("windows_software/uninstall.csv").inventory("name", "version", "vendor", "asset") == [
        ("Example Browser (x64 en)", "1.2.3", "Example Ltd", "host1"),
        ("Editor", "2.0", "Maker, Inc.", "host2"),
    ]


def test_wmic_in_utf_16():
    rows = sample("windows_software/wmic.csv")
    assert rows.inventory("name", "version", "vendor", "asset") == [
        ("Example Browser", "1.2.3", "Example Ltd", "HOST1"),
        ("Editor", None, None, "HOST1"),
    ]
    assert rows.scan["targets"] == "HOST1"


@pytest.mark.parametrize(
    "heading",
    [
        "Name,Version,Vendor,Caption",
        "Name;Version;Publisher;InstallDate",
        "DisplayName\tDisplayVersion",
        "Name,Version,Source,ProviderName",
    ],
)
def test_other_columns(heading):
    separator = "," if "," in heading else ";" if ";" in heading else "\t"
    row = separator.join(["Editor", "2.0", "Maker", "x"][: len(heading.split(separator))])
    name, rows = read(f"{heading}\n{row}\n")
    assert (name, rows.inventory("name", "version")) == ("windows_software", [("Editor", "2.0")])


def test_a_list_of_vulnerabilities_is_no_list_of_software():
    assert claimants(b"Name,Version,Vendor,CVE,Severity\na,1,b,CVE-2024-1,High\n") == []


def test_only_entries_without_names_are_an_error():
    assert "names" in str(read("DisplayName,DisplayVersion,Publisher\n,1,x\n")[1].error)
