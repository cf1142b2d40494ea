from kit.scan_reports import read, sample


def test_failed_checks_are_findings():
    rows = sample("prowler_csv/report.csv")
    assert rows.column("rule", "title", "severity_id", "asset") == [("iam_rotate", "Rotate keys", 3, "user-a")]


def test_version_2_with_commas():
    name, rows = read(
        "TITLE_ID,CHECK_RESULT,ACCOUNT_NUM,TITLE_TEXT,CHECK_SEVERITY\n1.4,FAIL,1,Keys,High\n1.5,PASS,1,Fine,Low\n"
    )
    assert (name, rows.column("rule", "severity_id", "asset")) == ("prowler_csv", [("1.4", 4, "1")])
