"""The invented case, as data. Every name in it is invented: officials are called after trees, experts after birds.

Times are offsets from the moment the room is filled, so that its clocks run whenever it is opened.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tocsin.council import Kind, Share
from tocsin.muster import Cefr, EcsfProfile, Seat, Spoken
from tocsin.ops.alliance.models import Participation, Partner, Role

FOUNDED = timedelta(days=-900)  # of the alliance, and since when everybody is what they are

STATES = {
    "HR": ("Croatia", Participation.Role.PARTICIPANT),
    "EE": ("Estonia", Participation.Role.PARTICIPANT),
    "LT": ("Lithuania", Participation.Role.LEAD),
    "NL": ("Netherlands", Participation.Role.PARTICIPANT),
    "PL": ("Poland", Participation.Role.ROTATING_LEAD),
    "RO": ("Romania", Participation.Role.PARTICIPANT),
    "SI": ("Slovenia", Participation.Role.OBSERVER),
}
# Unanimity, as ``council.default_rule``: two thirds must vote, half must say yes, the host must consent.
RULE = {"kind": Kind.UNANIMITY, "quorum": Share(2, 3), "yes_floor": Share(1, 2), "host_consent": True}
# Shown on the page of the demonstration, so that anybody can vote for anybody.
PASSPHRASES = {
    "HR": "seven islands of stone",
    "EE": "a lantern in the bog",
    "LT": "amber on the night shore",
    "NL": "the mill that never sleeps",
    "PL": "storks over the meadow",
    "RO": "bears behind the monastery",
}

PARTNERS = {
    "UA": ("Ukrainian Office of Digital Defence", "UA", Partner.Kind.PARTNER),
    "MD": ("Moldovan Network Agency", "MD", Partner.Kind.PARTNER),
}


@dataclass(frozen=True)
class Person:
    """Somebody with a role; ``of``: a state's code or a key of ``PARTNERS``."""

    name: str
    role: Role
    of: str = ""


PEOPLE = {
    "admin": Person("Ada Sycamore", Role.ADMINISTRATOR),
    "chair": Person("Rasa Oak", Role.CHAIR, "LT"),
    "HR": Person("Ivana Elm", Role.REPRESENTATIVE, "HR"),
    "EE": Person("Mari Rowan", Role.REPRESENTATIVE, "EE"),
    "LT": Person("Tomas Linden", Role.REPRESENTATIVE, "LT"),
    "NL": Person("Femke Alder", Role.REPRESENTATIVE, "NL"),
    "PL": Person("Zofia Birch", Role.REPRESENTATIVE, "PL"),
    "RO": Person("Radu Walnut", Role.REPRESENTATIVE, "RO"),
    "observer": Person("Neža Hazel", Role.OBSERVER, "SI"),
    "leader": Person("Agata Juniper", Role.TEAM_LEADER),
    "leader2": Person("Jaan Cedar", Role.TEAM_LEADER),
    "trainer": Person("Luka Willow", Role.TRAINER),
    "UA": Person("Oksana Poplar", Role.PARTNER, "UA"),
    "UA2": Person("Taras Maple", Role.PARTNER, "UA"),
    "MD": Person("Ion Cypress", Role.PARTNER, "MD"),
}

PROFILES = {
    "ci": EcsfProfile.CISO,
    "ir": EcsfProfile.INCIDENT_RESPONDER,
    "le": EcsfProfile.LEGAL_OFFICER,
    "ti": EcsfProfile.THREAT_INTELLIGENCE,
    "ar": EcsfProfile.ARCHITECT,
    "au": EcsfProfile.AUDITOR,
    "ed": EcsfProfile.EDUCATOR,
    "im": EcsfProfile.IMPLEMENTER,
    "re": EcsfProfile.RESEARCHER,
    "ri": EcsfProfile.RISK_MANAGER,
    "fo": EcsfProfile.FORENSICS_INVESTIGATOR,
    "pt": EcsfProfile.PENETRATION_TESTER,
}

# State, name, profiles with level, languages with CEFR level 1 to 6, clearance 0 to 4, civil or military, how they may work,
# and when they are free: now, or later.
EXPERTS = """
HR Josip Heron       ir4,fo3     hr6,en5          3 military both   now
HR Petra Kestrel     ti4,re3     hr6,en5,uk2      2 civil    both   now
HR Nikola Plover     pt3,ir2     hr6,en4          1 civil    both   later
HR Mirna Lapwing     ar3,im3     hr6,en5,de4      2 civil    remote now
HR Stipe Avocet      fo4         hr6,en4          3 military both   later
HR Lea Dunlin        au3,ri3     hr6,en5,it4      1 civil    both   now
HR Dora Whimbrel     ir3,im2     hr6,en5,ro3      2 civil    both   now
EE Kadri Osprey      ir5,fo4     et6,en6,ru5,uk4  3 military both   now
EE Rein Curlew       ti4         et6,en5,ru6      3 military both   now
EE Liis Fieldfare    fo4,re4     et6,en5,uk3      2 civil    both   now
EE Tanel Wigeon      ar4,im4     et6,en5          2 civil    both   later
EE Maarja Siskin     ed4,ir3     et6,en6,uk4      1 civil    both   now
EE Siim Garganey     pt4         et6,en5,ru4      2 military both   now
EE Helen Redstart    le4         et6,en6,fr4      2 civil    remote now
LT Jonas Bittern     ir4,ti3     lt6,en5,ru5,uk4  3 military both   now
LT Eglė Nuthatch     fo3,ir3     lt6,en5,pl4      2 civil    both   now
LT Mantas Shrike     im4,ar3     lt6,en5,ru4      2 military both   later
LT Ieva Wagtail      re4         lt6,en6          1 civil    remote now
LT Darius Harrier    ir4,ci3     lt6,en5,uk5      3 military both   now
LT Rūta Waxwing      ri4,au3     lt6,en5          2 civil    both   now
LT Saulius Merlin    pt3,re2     lt6,en4,ru5      1 civil    both   later
NL Sanne Goldcrest   ti5,re4     nl6,en6          3 civil    remote now
NL Bram Turnstone    pt4,fo3     nl6,en6,de5      2 civil    remote now
NL Lotte Sanderling  ar4,ci4     nl6,en6          3 military remote now
NL Daan Oystercatcher ir4,im3    nl6,en6,uk2      2 military both   later
NL Noor Pipit        le4,au4     nl6,en6,fr5      2 civil    remote now
NL Thijs Sandpiper   fo4         nl6,en6          3 civil    both   later
NL Maud Linnet       ed4         nl6,en6          1 civil    both   now
PL Marek Goshawk     ir5,ti3     pl6,en5,uk5,ru5  4 military both   now
PL Kinga Warbler     fo4,ir3     pl6,en5,uk4      3 civil    both   now
PL Oskar Dipper      ar4,im4     pl6,en5          2 military both   now
PL Alicja Chiffchaff au4,ri4     pl6,en5          2 civil    both   now
PL Wojtek Ouzel      pt4,ir3     pl6,en4,uk4      2 civil    both   later
PL Hania Wheatear    ti3,ed3     pl6,en6,uk5      2 civil    both   now
PL Borys Crossbill   im4,ir3     pl6,en5,ru5      3 military both   now
RO Andrei Bunting    ir4,im3     ro6,en5          3 military both   now
RO Ioana Skylark     ar3,ri3     ro6,en5,fr4      2 civil    both   now
RO Vlad Nightjar     pt4,fo3     ro6,en5,ru3      2 military both   now
RO Elena Bee-Eater   au4,le3     ro6,en6,fr5      2 civil    both   now
RO Mihai Hoopoe      ti4,ir3     ro6,en5,uk3      3 civil    both   later
RO Corina Roller     ed4,ri3     ro6,en5          1 civil    both   now
RO Silviu Dotterel   fo3,im3     ro6,en4          2 military both   now
"""

SEALED_FROM = "TLP:AMBER+STRICT"
_CONTACT = {
    "contact_name": "Duty officer, able to decide day and night (invented)",
    "contact_phone": "+000 00 000 000",
    "contact_check": "The word agreed at the last exercise, asked by us, answered by you.",
}


def content(**said: Any) -> dict[str, Any]:
    """A whole request: what it says, and what all of them say alike."""
    usual = {
        "sectors": ["public_administration"],
        "entity": "essential",
        "ongoing": "yes",
        "spillover": "possible",
        "mode": "both",
        "languages": ["en", "uk"],
        "tlp": SEALED_FROM,
    }
    return {**usual, **_CONTACT, **said}


BANKS = content(
    title="Ministry and two banks under denial of service",
    organisations="Ukrainian Office of Digital Defence\nFirst Harbour Bank (invented)\nSavings Bank of the Steppe (invented)",
    sectors=["banking", "public_administration"],
    type="availability/ddos",
    description=(
        "Since early afternoon the web front of the ministry and the payment gateways of two banks answer to almost nobody. "
        "We see floods of half-open connections from addresses that cannot be real. We believe, and are not sure, that the same "
        "hand sends text messages saying that cash machines are empty."
    ),
    services="Public web site of the ministry: down, 2 million visits a day\nCard payments of two banks: one in three fails",
    spillover="possible",
    measures="Upstream provider filters part of it since noon; it helped the ministry and not the banks.",
    support="Two providers under contract. Nobody else asked yet.",
    asked=["incident_response", "prevention"],
    task="Tell us what hits us and from where, write filters that spare our customers, stay until the banks hold by themselves.",
    place="Kyiv",
    days="14",
)
POWER = content(
    title="Wiper found at a grid operator",
    organisations="Northern Grid Dispatch (invented)",
    sectors=["energy"],
    type="malicious-code/infected-system",
    description=(
        "Eleven office machines of the grid operator do not start since last night; their disks are overwritten from the first "
        "sector on. The control network is apart and still clean, as far as we can see."
    ),
    services="Office network of the dispatch: 40 of 300 machines lost\nControl room: works, on paper procedures since midnight",
    spillover="seen",
    spillover_detail="The operator balances a line that crosses two borders; its neighbours were warned by telephone.",
    measures="Office network cut off, images of three disks taken, passwords of administrators changed.",
    asked=["incident_response"],
    task="Find how it came in and whether it waits elsewhere. Forensics first; we lack people who know control networks.",
    place="Kyiv region",
    days="14",
)
ELECTION = content(
    title="Vulnerability assessment before the election",
    organisations="Electoral Registry (invented)\nMoldovan Network Agency",
    sectors=["digital_infrastructure", "public_administration"],
    type="vulnerable/vulnerable-system",
    description="The registry of voters moved to new servers in spring. We want it looked at by others before election day.",
    ongoing="no",
    services="Registry of voters: works; 2.6 million entries",
    measures="A scan by our own people: 212 findings, most of them old software.",
    asked=["vulnerability_assessment", "election_monitoring"],
    task="Assess registry, its network and its suppliers; tell us what to mend first; be here on election night.",
    place="Chişinău",
    days="21",
    languages=["en", "ro"],
    tlp="TLP:GREEN",
)
MAIL = content(
    title="Mailboxes of a ministry read by somebody else",
    organisations="Ministry of Weights and Measures (invented)",
    type="intrusions/privileged-account-compromise",
    description="Rules that forward mail were found in thirty mailboxes of the ministry. We do not know since when.",
    services="Mail of 900 people: works, and is not private",
    measures="Forwarding switched off, sessions ended, second factors made obligatory.",
    asked=["incident_response"],
    task="Say what was read and how they came in.",
    mode="remote",
    days="14",
    languages=["en", "ro"],
)
PIPELINE = content(
    title="Help held ready over new year",
    organisations="Ukrainian Office of Digital Defence",
    sectors=["energy", "digital_infrastructure"],
    type="availability/sabotage",
    description="Threats against pumping stations were made in public, with a date. Nothing has happened so far.",
    ongoing="no",
    services="Pumping stations: work",
    measures="Remote access to the stations is switched off over the holidays.",
    asked=["prevention", "incident_response"],
    task="Have a team ready to leave within a day, in case.",
    place="Kyiv",
    days="10",
)
HOSPITAL = content(
    title="Laboratory systems of three hospitals encrypted",
    organisations="Hospital of the River (invented)\nHospital of the Hill (invented)\nChildren's Hospital (invented)",
    sectors=["health"],
    type="malicious-code/infected-system",
    description="Since four in the morning three hospitals cannot read laboratory results; a note asks for money.",
    services="Laboratories of three hospitals: on paper, 400 patients a day",
    spillover="none",
    measures="Networks of the hospitals parted from one another, backups disconnected and safe.",
    asked=["incident_response"],
    task="Help us to decide what can be switched on again, and in which order.",
    place="Chişinău",
    days="10",
    languages=["en", "ro"],
)
# Half-done, as somebody left it when the telephone rang.
DRAFT = {
    "title": "Exercise for those who answer the telephones",
    "organisations": "Ukrainian Office of Digital Defence",
    "asked": ["training"],
    "description": "After the banks: an exercise for those who answered the telephones.",
    "tlp": "TLP:GREEN",
}

DISCUSSION = (
    ("LT", -19.5, "We propose to go: the payment gateways serve our banks, too. Two of ours can leave tonight."),
    ("NL", -16.0, "From our side remote work only. We can hold the night shift from The Hague."),
    ("EE", -9.0, "The same text messages were seen with us in spring. Whoever goes should take the wording along."),
    ("chair", -4.0, "Four states have voted. Croatia and Romania are asked to answer before the deadline; I shall telephone."),
)
# State, hours, choice, caveats.
VOTES = (
    ("LT", -18.0, "yes", ()),
    ("EE", -9.5, "yes", ()),
    ("NL", -8.0, "yes", ("remote only",)),
    ("PL", -5.2, "yes", ()),
)


@dataclass(frozen=True)
class Team:
    """What a mission asks for. ``seats``: profile, number, level, on site."""

    seats: tuple[Seat, ...]
    languages: tuple[Spoken, ...] = field(default=())
    size_min: int = 8
    size_max: int = 10


FORENSIC_TEAM = Team(
    seats=(
        Seat(EcsfProfile.INCIDENT_RESPONDER, 3, level_min=3, on_site=True),
        Seat(EcsfProfile.FORENSICS_INVESTIGATOR, 2, level_min=3),
        Seat(EcsfProfile.FORENSICS_INVESTIGATOR, 1, level_min=5),  # nobody in the pool: it becomes a training need
        Seat(EcsfProfile.THREAT_INTELLIGENCE, 1, level_min=4),
        Seat(EcsfProfile.ARCHITECT, 1, level_min=3, on_site=True),
        Seat(EcsfProfile.LEGAL_OFFICER, 1, level_min=3),
    ),
    languages=(Spoken("uk", Cefr.B2, 3),),
)
ASSESSMENT_TEAM = Team(
    seats=(
        Seat(EcsfProfile.PENETRATION_TESTER, 2, level_min=3),
        Seat(EcsfProfile.AUDITOR, 1, level_min=3),
        Seat(EcsfProfile.IMPLEMENTER, 1, level_min=3),
        Seat(EcsfProfile.RISK_MANAGER, 1, level_min=3),
        Seat(EcsfProfile.INCIDENT_RESPONDER, 1, level_min=3),
        Seat(EcsfProfile.EDUCATOR, 1, level_min=4),
    ),
    languages=(Spoken("ro", Cefr.B2, 2),),
)
MAIL_TEAM = Team(
    seats=(Seat(EcsfProfile.INCIDENT_RESPONDER, 2, level_min=3), Seat(EcsfProfile.FORENSICS_INVESTIGATOR, 2, level_min=3)),
    size_min=4,
    size_max=6,
)
