"""A finding as text: its actions grouped by what they do, everything bounded."""

from dataclasses import replace

from kit.assessments import finding, http_flood, row, syn_flood, udp_flood
from tocsin.exporters.view.finding import finding_view, steps, victims
from tocsin.model import Action, Entity, Mitigation, TrafficMatch


def test_all_files_of_one_mitigation_are_one_step():
    made = steps(syn_flood(), 1)
    assert [step.summary[:10] for step in made] == ["Put a SYN ", "Limit SYN ", "Block the "]
    limit = made[1]
    assert limit.kinds == "nftables, FlowSpec for ExaBGP, FlowSpec for GoBGP and DOTS request"
    assert limit.folder == "actions/2-198.51.100.20-syn_flood-5d1c0a77/"
    assert (limit.hit, limit.collateral) == ("97.1 %", "0.6 %")


def test_a_kind_of_file_that_cannot_say_it_does_not_make_the_step_refused():
    limit = steps(syn_flood(), 1)[1]
    assert not limit.refused
    assert limit.not_as == ("Not as DOTS filter: A DOTS filter cannot say a packet rate.",)


def test_what_holds_for_one_file_is_said_at_that_file_alone():
    limit = steps(syn_flood(), 1)[1]
    assert limit.note == "Ordinary log-ins share the limit while it is in force."
    assert [file.remark for file in limit.files] == ["", "", "", "The provider chooses the filter."]
    assert limit.files[2].undo == "sh flowspec_gobgp.sh withdraw"


def test_a_warning_that_all_files_carry_is_said_once_at_the_step():
    blackhole = steps(udp_flood(), 2)[1]
    assert blackhole.note.startswith("Last resort: ")
    assert [file.remark for file in blackhole.files] == [""]


def test_what_is_refused_comes_last_with_its_reason():
    last = steps(syn_flood(), 1)[-1]
    assert last.refused.startswith("37,623 sources")
    assert last.files == ()


def test_mitigations_stand_in_until_files_are_written():
    made = steps(http_flood(), 4)
    assert [(step.summary, step.files, step.hit) for step in made] == [
        ("Limit requests on /login to 5 per second and address.", (), "94.0 %")
    ]


def test_hitting_others_is_marked_from_one_percent_on():
    def costly(ratio):
        return steps(finding("t", "v", mitigations=(Mitigation("drop", "Drop.", TrafficMatch(), None, 1.0, ratio),)), 1)[
            0
        ].costly

    assert not costly(0.0099)
    assert costly(0.01)
    assert steps(udp_flood(), 2)[1].costly


def test_unmeasured_is_not_zero():
    step = steps(finding("t", "v", actions=(Action("dots", "actions/x/dots.json", "Ask."),)), 1)[0]
    assert (step.hit, step.collateral, step.costly) == ("", "", False)


def test_techniques_have_names():
    assert finding_view(syn_flood(), 1, None).techniques == (("attack:T1498.001", "Direct Network Flood"),)


def test_the_vector_is_explained():
    assert "never complete them" in finding_view(syn_flood(), 1, None).explained


def test_rows_beyond_twenty_are_counted():
    found = replace(syn_flood(), evidence=tuple(row(offset, "x") for offset in range(25)))
    view = finding_view(found, 1, None)
    assert (len(view.rows), view.rows_left_out) == (20, 5)


def test_without_victims_it_tells_whom_it_names():
    assert victims(finding("t", "", entities=(Entity("source", "ip", "192.0.2.1"),))) == "192.0.2.1 (source)"
    assert victims(finding("t", "", entities=())) == ""
