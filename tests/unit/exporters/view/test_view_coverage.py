"""What was not looked at is said first."""

from dataclasses import replace

from kit.assessments import SHA, coverage
from tocsin.exporters.view.coverage import coverage_view
from tocsin.model import Coverage, EvidenceCoverage, Fault
from tocsin.terms import ReadStatus


def file(status=ReadStatus.READ, **fields):
    return EvidenceCoverage(SHA[:16], "x.pcap", SHA, 1_000, "pcap", status, {"network_traffic": 7}, **fields)


def test_summary_counts_every_status():
    assert coverage_view(coverage()).summary == (
        "4 of 6 files could be read, 1 of them only in part; 1 skipped and 1 failed. 3 records could not be read."
    )


def test_problems_come_first():
    assert [one.state for one in coverage_view(coverage()).files] == [
        "failed",
        "skipped",
        "read in part",
        "read",
        "read",
        "read",
    ]


def test_faults_name_their_offset():
    cut = next(one for one in coverage_view(coverage()).files if one.name == "day3.pcap")
    assert cut.samples[0].startswith("at byte 88,213,504: expected 1,456 bytes")


def test_faults_beyond_the_samples_are_counted():
    view = coverage_view(Coverage((file(faults=7, fault_samples=(Fault("e", 5, "bad"),)),), ()))
    assert view.files[0].samples == ("at byte 5: bad", "and 6 more")


def test_complete_only_if_every_file_was_read_whole():
    assert coverage_view(Coverage((file(), file()), ())).complete
    assert coverage_view(Coverage((file(), file()), ())).summary == "Every file was read."
    partly = coverage_view(Coverage((file(), file(ReadStatus.PARTIAL)), ()))
    assert (partly.complete, partly.extent) == (False, "some only in part")
    assert coverage_view(Coverage((file(), file(ReadStatus.FAILED)), ())).extent == "the rest is unknown"


def test_nothing_handed_over_is_said():
    view = coverage_view(Coverage((), ()))
    assert view.summary == "No file was handed over, so nothing was looked at."
    assert not view.complete


def test_files_beyond_five_hundred_are_counted():
    view = coverage_view(Coverage((file(),) * 512, ()))
    assert (len(view.files), view.files_left_out) == (500, 12)


def test_analyzers_say_why_they_did_not_run():
    said = {one.name: (one.state, one.said) for one in coverage_view(coverage()).analyzers}
    assert said["denial of service 1"] == ("ran", "7 findings")
    assert said["slow HTTP 1"][0] == "not run"
    assert said["carpet bombing 1"] == ("failed", "PluginError: column dst_endpoint_ip has type int64")


def test_unknown_states_of_analyzers_are_shown_as_they_are():
    odd = replace(coverage().analyzers[0], status="paused")
    assert coverage_view(Coverage((), (odd,))).analyzers[0].state == "paused"
