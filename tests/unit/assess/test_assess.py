"""Findings joined, ranked and put into sentences."""

from dataclasses import replace
from datetime import timedelta

import pytest

from kit.findings import ONSET, finding
from tocsin.assess import JOIN_WITHIN, assess, join, merge, situation
from tocsin.model import AnalyzerCoverage, Asset, Coverage, Entity, EvidenceCoverage, Network, Organisation, Profile
from tocsin.terms import FindingClass, ReadStatus, Severity, Tlp

MINISTRY, BANK, STRANGER = "192.0.2.10", "198.51.100.20", "203.0.113.30"
PARTNER = Profile(
    name="Exampleland",
    organisations=(Organisation("mod", "Ministry of Defence"), Organisation("bank", "First Bank")),
    networks=(Network("198.51.100.0/24", "bank"),),
    assets=(Asset("web", "web site", "mod", (MINISTRY,), ("www.mod.example",)),),
)
SUSPICIOUS, CONTEXT = FindingClass.SUSPICIOUS, FindingClass.CONTEXT


def attack(victim=MINISTRY, vector="syn_flood", *, later=timedelta(0), **known):
    base = finding(vector, (victim,), f"SYN flood on {victim}", **known)
    return replace(base, first_seen=base.first_seen + later, last_seen=base.last_seen + later, id=f"{victim}-{vector}-{later}")


def scan(source, **known):
    base = finding("port_scan", (), f"Port scan by {source}", cls=SUSPICIOUS, sources=[("source", source)], **known)
    return replace(base, id=f"scan-{source}")


def read(*statuses, ran=("denial_of_service",), failed=()):
    files = tuple(EvidenceCoverage(f"e{n}", f"f{n}", "0" * 64, 1, "pcap", status) for n, status in enumerate(statuses))
    analyzers = [AnalyzerCoverage(name, "1", "ran") for name in ran] + [AnalyzerCoverage(n, "1", "failed") for n in failed]
    return Coverage(files, tuple(analyzers))


WHOLE = read(ReadStatus.READ)


def said(*findings, coverage=WHOLE, profile=PARTNER):
    return assess(findings, coverage, profile=profile, versions={}, tlp=Tlp.AMBER).situation


class TestMerge:
    def test_the_surer_of_two_that_say_the_same_stands(self):
        sure, unsure = attack(), replace(attack(), id="other", confidence=60, analyzer="http_flood")
        assert merge([unsure, sure]) == [sure]

    @pytest.mark.parametrize(
        "other",
        [
            pytest.param(attack(vector="udp_flood"), id="another vector"),
            pytest.param(attack(BANK), id="another victim"),
            pytest.param(attack(later=timedelta(minutes=15)), id="another time"),
            pytest.param(replace(attack(), cls=CONTEXT, id="c"), id="another class"),
            pytest.param(replace(attack(), first_seen=None, id="n"), id="an unknown time"),
        ],
    )
    def test_both_stand_where_one_tells_of(self, other):
        assert len(merge([attack(), other])) == 2

    def test_what_has_no_vector_is_never_the_same(self):
        plain = replace(attack(), attributes={})
        assert len(merge([plain, replace(plain, id="other")])) == 2

    def test_the_order_of_findings_does_not_matter(self):
        several = [attack(), replace(attack(), id="other"), attack(BANK), scan(STRANGER)]
        assert merge(several) == merge(several[::-1])


class TestJoin:
    def test_two_victims_of_one_partner_at_once_are_one_incident(self):
        (incident,) = join([attack(), attack(BANK)], PARTNER)
        assert incident.victims == ("Ministry of Defence", "First Bank")
        assert incident.title == "2 attacks on Ministry of Defence and First Bank"

    def test_a_stranger_seen_in_the_same_evidence_is_another_incident(self):
        assert len(join([attack(), attack(STRANGER)], PARTNER)) == 2

    def test_without_a_profile_all_victims_at_once_are_one_partners(self):
        assert len(join([attack(), attack(STRANGER)], Profile())) == 1

    def test_a_name_comes_from_the_partners_own_logs(self):
        log = replace(attack("access.log"), entities=(Entity("victim", "log", "access.log"),))
        assert len(join([attack(), log], PARTNER)) == 1

    @pytest.mark.parametrize(
        ("pause", "incidents"),
        [
            pytest.param(JOIN_WITHIN, 1, id="15 minutes apart"),
            pytest.param(JOIN_WITHIN + timedelta(seconds=1), 2, id="a second more"),
        ],
    )
    def test_far_apart_in_time_is_another_incident(self, pause, incidents):
        lasted = attack().last_seen - attack().first_seen
        assert len(join([attack(), attack(later=lasted + pause)], PARTNER)) == incidents

    def test_attacks_chain_into_one(self):
        lasted = attack().last_seen - attack().first_seen
        chain = [attack(later=n * (lasted + JOIN_WITHIN)) for n in range(3)]
        assert len(join(chain, PARTNER)) == 1

    def test_a_scan_by_an_attacker_joins_the_attack(self):
        bots = attack(sources=[("source", "198.18.0.1")])
        (incident,) = join([bots, scan("198.18.0.1")], PARTNER)
        assert incident.findings == (bots.id, "scan-198.18.0.1")
        assert incident.cls is FindingClass.ATTACK
        assert incident.title == bots.title

    def test_a_scan_by_somebody_else_stands_alone(self):
        assert len(join([attack(sources=[("source", "198.18.0.1")]), scan("198.18.0.2")], PARTNER)) == 2

    def test_context_is_no_incident(self):
        assert join([replace(attack(), cls=CONTEXT)], PARTNER) == []

    def test_an_incident_is_as_bad_as_its_worst_and_as_long_as_all(self):
        first = attack(severity=Severity.MEDIUM)
        second = attack(BANK, later=timedelta(minutes=5), severity=Severity.CRITICAL)
        (incident,) = join([second, first], PARTNER)
        assert incident.severity is Severity.CRITICAL
        assert (incident.first_seen, incident.last_seen) == (first.first_seen, second.last_seen)
        assert incident.findings == (second.id, first.id)


class TestAssess:
    def test_the_worst_comes_first_attacks_before_the_rest(self):
        given = [
            scan(STRANGER, severity=Severity.CRITICAL),
            attack(severity=Severity.LOW),
            attack(BANK, severity=Severity.HIGH),
        ]
        found = assess(given, WHOLE, profile=PARTNER, versions={}, tlp=Tlp.AMBER).findings
        assert [f.id for f in found] == [given[2].id, given[1].id, given[0].id]

    def test_every_finding_knows_its_incident_and_what_the_victim_is_called(self):
        result = assess([attack(), replace(attack(BANK), cls=CONTEXT)], WHOLE, profile=PARTNER, versions={}, tlp=Tlp.RED)
        assert [f.incident for f in result.findings] == [result.incidents[0].id, None]
        assert [f.attributes["victim_name"] for f in result.findings] == ["Ministry of Defence: web site", "First Bank"]
        assert (result.tlp, result.partner) == (Tlp.RED, "Exampleland")

    def test_the_order_of_findings_does_not_matter(self):
        given = [attack(), attack(BANK), scan(STRANGER), attack(STRANGER)]
        one, other = (assess(g, WHOLE, profile=PARTNER, versions={}, tlp=Tlp.AMBER) for g in (given, given[::-1]))
        assert one == other


class TestSituation:
    def test_nothing_found_says_what_was_read(self):
        assert said() == (
            "No attack was found in what could be read of this evidence. Nothing suspicious was found either. "
            "The one file could be read whole."
        )

    def test_one_attack(self):
        assert said(attack()) == (
            "Ministry of Defence was attacked, 15 Feb 2022, 13:02:11 to 13:16:41 UTC. "
            "It is a SYN flood on 192.0.2.10 (high, 92 % sure). The one file could be read whole."
        )

    def test_several_attacks_that_belong_together(self):
        text = said(attack(), attack(BANK))
        assert text.startswith("Ministry of Defence and First Bank were attacked,")
        assert "The worst of 2 attacks: SYN flood on" in text
        assert "they belong together." in text

    def test_several_attacks_that_do_not(self):
        assert "belong together" not in said(attack(), attack(STRANGER))

    def test_many_victims_are_counted(self):
        text = said(*(attack(f"203.0.113.{n}") for n in range(9)), profile=Profile())
        assert text.startswith("203.0.113.0, 203.0.113.1 and 7 more were attacked,")

    def test_only_scans_are_no_attack(self):
        assert said(scan(STRANGER)).startswith(
            "No attack was found in this evidence; 1 other observation is worth reading. It is a "
        )
        both = said(scan(STRANGER), scan(BANK))
        assert both.startswith(
            "No attack was found in this evidence; 2 other observations are worth reading. The worst of 2 obs"
        )

    @pytest.mark.parametrize(
        ("coverage", "sentence"),
        [
            pytest.param(read(ReadStatus.READ, ReadStatus.READ), "All 2 files could be read whole.", id="all"),
            pytest.param(
                read(ReadStatus.READ, ReadStatus.PARTIAL, ReadStatus.SKIPPED, ReadStatus.FAILED),
                "Of 4 files, 3 could not be read or only in part, so more may have happened.",
                id="some",
            ),
            pytest.param(read(), "There was nothing to read.", id="none"),
            pytest.param(
                read(ReadStatus.READ, failed=("slow_http",)), "slow_http failed, so more may have happened.", id="a failure"
            ),
        ],
    )
    def test_the_last_sentence_says_what_was_not_seen(self, coverage, sentence):
        assert said(coverage=coverage).endswith(sentence)
        assert said(attack(), coverage=coverage).endswith(sentence)

    def test_where_nothing_ran_nothing_is_said_to_be_clean(self):
        text = situation([], [], read(ReadStatus.FAILED, ran=()), PARTNER)
        assert text.startswith("It cannot be told what happened: no analyzer could run on this evidence.")
        assert "No attack" not in text

    def test_an_unknown_time_is_said_so(self):
        assert "attacked, unknown." in said(replace(attack(), first_seen=None, last_seen=None))


def test_the_kit_findings_are_at_the_time_these_tests_say():
    assert f"{ONSET:%H:%M:%S}" == "13:02:11"
