from kit.scan_reports import claimants, read, sample


def test_columns_by_their_place_wide_characters_too():
    assert sample("winget_list/list.txt").inventory("name", "version", "vendor", "bom_ref") == [
        ("Example Browser", "1.2.3", "Example", "Example.Browser"),
        ("例のエディタ", "2.0", "Maker", "Maker.Editor"),
        ("Old Tool", None, None, "ARP\\Machine\\X86\\t"),
        ("Long", None, "Maker", "Maker.Long"),
    ]


def test_in_german():
    table = f"Name    ID        Version  Quelle\n{'-' * 40}\nEditor  Maker.Ed  2.0      winget\n"
    assert read(table)[1].inventory("name", "version", "bom_ref") == [("Editor", "2.0", "Maker.Ed")]


def test_other_tables_are_not_winget_s():
    assert claimants(f"Name  Size  Date\n{'-' * 40}\na     1     2\n".encode()) == []
