from kit.scan_reports import sample


def test_gems_their_platforms_and_those_from_git():
    assert sample("gemfile_lock/Gemfile.lock").inventory("name", "version", "arch", "ecosystem") == [
        ("forked", "4.0.0", None, None),
        ("parser", "1.0.0", None, "RubyGems"),
        ("native", "1.13.10", "x86_64-linux", "RubyGems"),
    ]
