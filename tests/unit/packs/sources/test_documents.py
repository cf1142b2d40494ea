from tocsin.packs.sources._documents import Document, Reading, objects


def test_the_newest_date_of_records_counts():
    reading = Reading()
    for text in ("2024-05-01T00:00Z", "2023-01-01", "0001-01-01T00:00:00Z", None, "soon"):
        reading.dated(text)
    assert reading.dates == {"2024-05-01"}


def test_lines_are_told_apart_and_the_first_fault_is_kept():
    reading = Reading()
    found = list(objects(Document("x", b'{"a": 1}\n\n{"b"\n{"c": 2}\nnope\n'), reading))
    assert found == [("x, line 1", {"a": 1}), ("x, line 4", {"c": 2})]
    assert reading.unreadable == 2 and reading.first_fault.startswith("x, line 3")
