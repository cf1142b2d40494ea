"""ATT&CK Navigator layers: which techniques were seen, by how many findings, how sure.

Source: https://github.com/mitre-attack/attack-navigator/blob/master/layers/spec/v4.5/layerformat.md
"""

from typing import Any

from tocsin.exporters._attack import attack_id, attack_version, domain, technique_name, url
from tocsin.model import Assessment, Finding
from tocsin.model.text import printable
from tocsin.terms import FindingClass

LAYER_VERSION, NAVIGATOR_VERSION = "4.5", "5.1.0"
DOMAINS = ("enterprise-attack", "ics-attack")
# What happened, not what is merely worth knowing.
_SHOWN = {FindingClass.ATTACK, FindingClass.SUSPICIOUS}
_COMMENT_FINDINGS_MAX = 20


def layers(assessment: Assessment) -> dict[str, dict[str, Any]]:
    """Layer by ATT&CK domain: enterprise always, ICS where a finding claims one of its techniques.

    A technique's score is the highest confidence, 0 to 100, of the findings that claim it.
    """
    claimed: dict[str, dict[str, list[Finding]]] = {name: {} for name in DOMAINS}
    for finding in assessment.findings:
        if finding.cls in _SHOWN:
            for technique in dict.fromkeys(finding.techniques):
                if attack := attack_id(technique):
                    claimed[domain(attack)].setdefault(attack, []).append(finding)
    return {name: _layer(assessment, name, seen) for name, seen in claimed.items() if seen or name == DOMAINS[0]}


def _layer(assessment: Assessment, name: str, claimed: dict[str, list[Finding]]) -> dict[str, Any]:
    partner = printable(assessment.partner, 100)
    return {
        "name": f"Tocsin: {partner}" if partner else "Tocsin",
        "versions": {
            "attack": attack_version(assessment).removeprefix("v").partition(".")[0],
            "navigator": NAVIGATOR_VERSION,
            "layer": LAYER_VERSION,
        },
        "domain": name,
        "description": f"{assessment.tlp.value}. {printable(assessment.situation)}",
        "sorting": 3,
        "layout": {"layout": "side", "showID": True, "showName": True, "expandedSubtechniques": "annotated"},
        "hideDisabled": False,
        "techniques": [_technique(attack, findings) for attack, findings in sorted(claimed.items())],
        "gradient": {"colors": ["#fff3c4", "#f59f00", "#c92a2a"], "minValue": 0, "maxValue": 100},
        "legendItems": [{"label": "score: highest confidence of a finding", "color": "#f59f00"}],
        "metadata": [
            {"name": "TLP", "value": assessment.tlp.value},
            {"name": "Tocsin", "value": assessment.versions.get("tocsin", "unknown")},
        ],
        "showTacticRowBackground": False,
        "selectTechniquesAcrossTactics": True,
        "selectSubtechniquesWithParent": False,
    }


def _technique(attack: str, findings: list[Finding]) -> dict[str, Any]:
    shown = [printable(finding.title, 200) for finding in findings[:_COMMENT_FINDINGS_MAX]]
    if len(findings) > len(shown):
        shown.append(f"and {len(findings) - len(shown)} more")
    return {
        "techniqueID": attack,
        "score": max(finding.confidence for finding in findings),
        "comment": "; ".join(shown),
        "enabled": True,
        "showSubtechniques": "." in attack,
        "metadata": [
            {"name": "Name", "value": technique_name(f"attack:{attack}")},
            {"name": "Findings", "value": str(len(findings))},
        ],
        "links": [{"label": "ATT&CK", "url": url(attack)}],
    }
