from kit.scan_reports import read, sample


def test_modules_whose_content_was_seen():
    assert sample("go_sum/go.sum").inventory("name", "version") == [("git.example/parser", "v1.0.0")]


def test_damage():
    good = "".join(f"a.example/m{number} v1.0.0 h1:00=\n" for number in range(20))
    rows = read(good + "<<<<<<< HEAD\n")[1]
    assert (len(rows.components), len(rows.faults)) == (20, 1)
