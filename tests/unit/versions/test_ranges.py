import random

import pytest

from kit.versions import version
from tocsin.versions import key
from tocsin.versions.ranges import END, Interval, RangeError, after, from_events, from_vers


def held(scheme, intervals, text):
    return any(interval.holds(key(scheme, text)) for interval in intervals)


def test_events_with_fixes_in_two_branches():
    found = from_events("pypi", [{"introduced": "4.0"}, {"fixed": "4.3"}, {"introduced": "5.0"}, {"fixed": "5.2"}])
    assert [one.fixed for one in found] == ["4.3", "5.2"]
    assert [v for v in ("3.9", "4.0", "4.2.9", "4.3", "4.9", "5.0", "5.1", "5.2") if held("pypi", found, v)] == [
        "4.0",
        "4.2.9",
        "5.0",
        "5.1",
    ]


def test_the_order_of_events_in_the_file_does_not_matter():
    events = [{"fixed": "2"}, {"introduced": "3"}, {"introduced": "0"}, {"last_affected": "4"}]
    shuffled = random.Random(1).sample(events, 4)
    assert from_events("npm", events) == from_events("npm", shuffled)


def test_the_last_affected_version_is_in_and_the_next_is_not():
    found = from_events("deb", [{"introduced": "0"}, {"last_affected": "1.0-1"}])
    assert found[0].last == "1.0-1" and found[0].fixed == ""
    assert held("deb", found, "1.0-1") and not held("deb", found, "1.0-1+b1") and not held("deb", found, "1.0-2")


def test_without_a_fix_all_later_ones_are_in():
    found = from_events("npm", [{"introduced": "1.0.0"}])
    assert found == [Interval(key("npm", "1.0.0"))]
    assert held("npm", found, "99999999999999999999.0.0") and not held("npm", found, "1.0.0-rc.1")


@pytest.mark.parametrize("scheme", ["npm", "pypi", "deb", "rpm", "apk", "maven", "gem", "composer", "nuget"])
def test_every_key_is_below_the_end(scheme):
    chance = random.Random(1)
    assert all((found := key(scheme, version(scheme, chance))) is None or found < END for _ in range(500))
    assert (key(scheme, "9" * 400) or b"") < END


def test_what_is_no_version_is_refused():
    with pytest.raises(RangeError, match="'latest' is no version of npm"):
        from_events("npm", [{"introduced": "0"}, {"fixed": "latest"}])


def test_vers():
    scheme, found = from_vers("vers:pypi/>=1.0|<2.1|!=1.5|3.0")
    assert scheme == "pypi"
    assert [v for v in ("0.9", "1.0", "1.5", "2.0", "2.1", "3.0", "3.1") if held("pypi", found, v)] == ["1.0", "2.0", "3.0"]
    assert from_vers("vers:npm/*") == ("npm", [Interval()])
    assert from_vers("vers:npm/<=1.0.0")[1] == [Interval(b"", after(key("npm", "1.0.0")), last="1.0.0")]
    assert from_vers("vers:npm/>1.0.0")[1][0].low == after(key("npm", "1.0.0"))
    assert [v for v in ("1.0.0", "1.0.1") if held("npm", from_vers("vers:npm/!=1.0.0")[1], v)] == ["1.0.1"]


@pytest.mark.parametrize("text", ["", "vers:", "vers:npm", "npm/1.0", "vers:nope/1", "vers:npm/>=x", "vers:npm/|"])
def test_what_is_no_vers_is_refused(text):
    with pytest.raises(RangeError):
        from_vers(text)
