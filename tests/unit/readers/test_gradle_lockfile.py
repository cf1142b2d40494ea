from kit.scan_reports import read, sample


def test_locked_dependencies():
    assert sample("gradle_lockfile/gradle.lockfile").inventory("name", "version", "scope") == [
        ("org.example:checker", "2.0", "test"),
        ("org.example:parser", "1.0", None),
    ]


def test_nothing_is_locked():
    rows = read("# This is a Gradle generated file for dependency locking.\norg.example:a:1=x\nempty=annotationProcessor\n")[1]
    assert len(rows.components) == 1
