"""Random and nasty versions of every scheme, and the real programs that compare them."""

import importlib.util
import json
import os
import random
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tocsin.versions import key

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Oracle:
    """Compares pairs of a scheme: -1, 0, 1, or None where it takes one of the two for no version.

    Attributes:
        missing: What is not installed.
        slow: Minutes for 100,000 pairs.
        wrong: Where it is known to differ from the real program, in words.
        excuses: Of pairs we differ on, whether that is so.
    """

    scheme: str
    name: str
    compare: Callable[[Pairs], list[int | None]]
    missing: str = ""
    wrong: str = ""
    excuses: Callable[[Sequence[tuple[str, str, int]]], list[bool]] = lambda differ: [False] * len(differ)
    slow: bool = False


def disagreements(oracle: Oracle, found: Pairs) -> tuple[int, list[tuple[str, str, int, int]], int]:
    """How many pairs both could compare; those where they differ, ``(a, b, ours, theirs)``; how many more the oracle is known for."""
    both, differ = 0, []
    for (a, b), theirs in zip(found, oracle.compare(found), strict=True):
        left, right = key(oracle.scheme, a), key(oracle.scheme, b)
        if theirs is None or left is None or right is None:
            continue
        both += 1
        ours = (left > right) - (left < right)
        if ours != theirs:
            differ.append((a, b, ours, theirs))
    excused = oracle.excuses([(a, b, ours) for a, b, ours, _ in differ])
    left_over = [one for one, excuse in zip(differ, excused, strict=True) if not excuse]
    return both, left_over, sum(excused)


WORDS = {
    "semver": ["alpha", "beta", "rc", "a", "b", "x-1", "0", "1", "10", "-", "SNAPSHOT", "pre"],
    "pypi": ["a1", "b2", "rc1", ".dev3", ".post1", "-1", "+local.1", "+abc", "c1", "alpha", ".post", ".dev0", "rc2.post1.dev4"],
    "deb": ["~rc1", "~", "+dfsg", "+b1", "a", "-1", "-1ubuntu2", "~bpo12+1", ".", "+really1.2", "-0", ":", "-1.1~deb12u3"],
    "rpm": ["~rc1", "^git1", ".el8", "-1", "-2.el7_9", "a", "_", "..", "-1.fc39", "^", "~", "p1", "+"],
    "apk": ["_alpha1", "_rc2", "_p1", "_git20230101", "a", "b", "-r0", "-r10", "_pre", "_p", "_hg3", "_beta"],
    "maven": ["-alpha-1", "-SNAPSHOT", ".Final", "-rc1", "sp", "-1", "a1", "b2", ".ga", "-jre", "-M2", "m3", "--", "-beta", "cr2", ".x"],
    "gem": ["-1", ".pre", ".rc1", ".a", ".beta.2", ".0.a", "-x86", ".b1", ".Z"],
    "composer": ["-beta1", "-RC2", "alpha", "-dev", "-p1", "-patch2", "b3", "-stable", "-rc.1", "pl1", ".1-dev"],
    "nuget": ["-alpha", "-Beta.2", "-rc.1", "+meta", "-1", "-a.b"],
}  # fmt: skip
FAMILY = {"npm": "semver", "golang": "semver", "cargo": "semver"}


def pairs(scheme: str, count: int, chance: random.Random) -> Iterator[tuple[str, str]]:
    """Pairs that are near each other, most of them: near misses are where orders differ."""
    for _ in range(count):
        first = version(scheme, chance)
        yield first, near(first, scheme, chance) if chance.random() < 0.8 else version(scheme, chance)


def version(scheme: str, chance: random.Random) -> str:
    """One version."""
    family = FAMILY.get(scheme, scheme)
    parts = 3 if family == "semver" else chance.randint(1, 4)
    text = ".".join(_number(chance, plain=family in ("semver", "nuget")) for _ in range(parts))
    if family == "semver":
        if chance.random() < 0.6:
            text += "-" + ".".join(
                chance.choice([*WORDS["semver"], str(chance.randint(0, 99))]) for _ in range(chance.randint(1, 4))
            )
        if chance.random() < 0.1:
            text += "+build.1"
        if scheme == "golang" and chance.random() < 0.3:
            text += "-0.20210101120000-abcdef123456" if "-" not in text and "+" not in text else ""
        return ("v" if scheme == "golang" else "") + text
    if family in ("deb", "rpm") and chance.random() < 0.2:
        text = f"{chance.randint(0, 3)}:{text}"
    for _ in range(chance.choice([0, 0, 1, 1, 1, 2, 3])):
        text += chance.choice(WORDS[family])
        if chance.random() < 0.5:
            text += chance.choice(["", "."]) + _number(chance)
    return text


def _number(chance: random.Random, *, plain: bool = False) -> str:
    kind = chance.random()
    if kind < 0.75:
        return str(chance.choice([0, 0, 1, 1, 2, 3, 9, 10, 11, 99]))
    if kind < 0.9 or plain:
        return str(chance.choice([239, 240, 255, 256, 20240131, 65535, 65536]))
    return chance.choice(["00", "01", "010", "007"])


def near(text: str, scheme: str, chance: random.Random) -> str:
    """The same version after one or two small changes."""
    for _ in range(chance.randint(1, 2)):
        at = chance.randint(0, len(text))
        numbers = list(re.finditer("[0-9]+", text))
        change = chance.random()
        if change < 0.4 and numbers:
            one = chance.choice(numbers)
            text = text[: one.start()] + _number(chance, plain=True) + text[one.end() :]
        elif change < 0.6:
            text += chance.choice([".0", ".1", "0", *WORDS[FAMILY.get(scheme, scheme)]])
        elif change < 0.8:
            text = text[:at] + text[at + 1 :]
        else:
            text = text[:at] + chance.choice([*".-~+^_0019aZ", *WORDS[FAMILY.get(scheme, scheme)]]) + text[at:]
    return text


def oracles() -> list[Oracle]:
    """Every oracle, those that are not installed included."""
    found = [
        Oracle("deb", "dpkg --compare-versions", _dpkg, "" if shutil.which("dpkg") else "dpkg", slow=True),
        Oracle("deb", "dpkg's Dpkg::Version", _dpkg_library, "" if _dpkg_perl() else "libdpkg-perl"),
        Oracle("rpm", "rpm's own vercmp", _rpm, "" if shutil.which("rpm") else "rpm"),
        Oracle("npm", "node's semver", _node, "" if _node_semver() else "node, or its semver in NODE_PATH"),
        Oracle("golang", "node's semver", _node, "" if _node_semver() else "node, or its semver in NODE_PATH"),
        Oracle("gem", "Ruby's Gem::Version", _ruby, "" if shutil.which("ruby") else "ruby"),
        Oracle("composer", "composer/semver", _php, "" if shutil.which("php") and COMPOSER.is_dir() else "php-composer-semver"),
        Oracle(
            "maven",
            "Maven's ComparableVersion",
            _maven,
            "" if shutil.which("java") and _maven_jar() else "java and maven",
            "contradicts itself (a < c < b < a)",
            _maven_contradicts,
        ),
        Oracle("pypi", "Python's packaging", _packaging, "" if importlib.util.find_spec("packaging") else "packaging"),
    ]
    classes = {
        "npm": "SemverVersion", "golang": "GolangVersion", "pypi": "PypiVersion", "deb": "DebianVersion", "rpm": "RpmVersion",
        "apk": "AlpineLinuxVersion", "maven": "MavenVersion", "gem": "RubygemsVersion", "composer": "ComposerVersion", "nuget": "NugetVersion",
    }  # fmt: skip
    return found + [
        Oracle(scheme, "univers", partial(_univers, name), "", *UNIVERS_WRONG.get(scheme, ("", _none_wrong)))
        for scheme, name in classes.items()
    ]


def _real(scheme: str, differ: Sequence[tuple[str, str, int]]) -> list[bool]:
    """Whether the real program says what we say; where it is not installed, whether the pair is of the known kind is not asked."""
    real = next(oracle for oracle in oracles() if oracle.scheme == scheme and not oracle.slow)
    if real.missing:
        return [True] * len(differ)
    own = real.compare([(a, b) for a, b, _ in differ])
    contradicted = iter(real.excuses([one for one, theirs in zip(differ, own, strict=True) if theirs != one[2]]))
    # What the real program does not take for a version is no disagreement on versions.
    return [theirs == one[2] or next(contradicted) or theirs is None for one, theirs in zip(differ, own, strict=True)]


def _apk_known(differ: Sequence[tuple[str, str, int]]) -> list[bool]:
    """univers compares as Gentoo does: -r0 is no revision, zeros at a fraction's end and after a suffix are nothing, and so is a suffix after one; apk-tools counts them."""
    kind = re.compile(r"-r0|\.0[0-9]|_[a-z]+0|_[a-z]+_|\.0(?![0-9])|^0[0-9]")
    return [any(map(kind.search, (a, b))) for a, b, _ in differ]


def _none_wrong(differ: Sequence[tuple[str, str, int]]) -> list[bool]:
    return [False] * len(differ)


UNIVERS_WRONG = {
    "npm": ("reads what is no semantic version its own way", partial(_real, "npm")),
    "golang": ("reads what is no semantic version its own way", partial(_real, "golang")),
    "rpm": ("differs from rpm itself (empty releases, signs in epochs)", partial(_real, "rpm")),
    "maven": ("differs from Maven itself", partial(_real, "maven")),
    "composer": ("differs from Composer itself (it compares as semver)", partial(_real, "composer")),
    "apk": ("compares as Gentoo (-r0, zeros in fractions)", _apk_known),
}


def _maven_contradicts(differ: Sequence[tuple[str, str, int]]) -> list[bool]:
    """Whether a beginning of the two stands between them, by Maven's own word, the way round that we say."""
    asked, owners = [], []
    for number, (a, b, _) in enumerate(differ):
        for middle in sorted({one[:end] for one in (a, b) for end in range(1, len(one))}):
            asked += [(a, middle), (middle, b)]
            owners.append(number)
    answers = _maven(asked) if asked else []
    proven = set()
    for owner, left, right in zip(owners, answers[::2], answers[1::2], strict=True):
        ours = differ[owner][2]
        if None not in (left, right) and {left, right} <= {ours, 0} and (ours == 0 or ours in (left, right)):
            proven.add(owner)
    return [number in proven for number in range(len(differ))]


def _univers(name: str, found: Pairs) -> list[int | None]:
    from univers import versions

    kind = getattr(versions, name)

    def one(a: str, b: str) -> int | None:
        try:
            left, right = kind(a), kind(b)
            return 0 if left == right else (1 if left > right else -1 if left < right else None)
        except Exception:  # noqa: BLE001 - univers raises whatever its parsers raise
            return None

    return [one(a, b) for a, b in found]


def _packaging(found: Pairs) -> list[int | None]:
    from packaging.version import InvalidVersion, Version

    def one(a: str, b: str) -> int | None:
        try:
            left, right = Version(a), Version(b)
        except InvalidVersion:
            return None
        return (left > right) - (left < right)

    return [one(a, b) for a, b in found]


def _lines(command: Sequence[str], found: Pairs, env: dict[str, str] | None = None) -> list[int | None]:
    data = "".join(f"{json.dumps([a, b])}\n" for a, b in found)
    run = subprocess.run(command, input=data.encode(), capture_output=True, check=True, env={**os.environ, **(env or {})})
    answers = run.stdout.decode().split()
    assert len(answers) == len(found), run.stderr.decode()[-500:]
    return [None if answer == "-" else int(answer) for answer in answers]


_DPKG_SHELL = r"""
while IFS=$'\t' read -r a b; do
  if [ -z "$a" ] || ! dpkg --validate-version "$a" 2>/dev/null || ! dpkg --validate-version "$b" 2>/dev/null; then echo -
  elif dpkg --compare-versions "$a" lt "$b"; then echo -1
  elif dpkg --compare-versions "$a" gt "$b"; then echo 1
  else echo 0; fi
done
"""


def _dpkg(found: Pairs) -> list[int | None]:
    """dpkg itself, two or three processes a pair."""
    data = "".join(f"{a}\t{b}\n" for a, b in found).encode()
    run = subprocess.run(["bash", "-c", _DPKG_SHELL], input=data, capture_output=True, check=True)
    return [None if answer == "-" else int(answer) for answer in run.stdout.decode().split()]


_DPKG_PERL = """
use Dpkg::Version; use JSON::PP;
while (<STDIN>) {
  my ($a, $b) = @{decode_json($_)};
  my ($x, $y) = (Dpkg::Version->new($a), Dpkg::Version->new($b));
  print(($x->is_valid && $y->is_valid) ? version_compare($a, $b) : "-", "\n");
}
"""


def _dpkg_perl() -> bool:
    return (
        bool(shutil.which("perl"))
        and subprocess.run(["perl", "-MDpkg::Version", "-e", "1"], capture_output=True).returncode == 0
    )


def _dpkg_library(found: Pairs) -> list[int | None]:
    return _lines(["perl", "-e", _DPKG_PERL], found)


_RPM_LUA = """
local out = io.open("{data}.out", "w")
for line in io.lines("{data}") do
  local a, b = line:match("^(.-)\\t(.*)$")
  out:write(rpm.vercmp(a, b), "\\n")
end
out:close()
"""


def _rpm(found: Pairs) -> list[int | None]:
    """``rpm.vercmp`` of rpm's Lua compares whole EVRs."""
    ours = [
        bool(a and b) and all(re.fullmatch(r"(?:[0-9]+:)?[0-9A-Za-z.+~^_]+(?:-[0-9A-Za-z.+~^_]+)?", v) for v in (a, b))
        for a, b in found
    ]
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "pairs"
        data.write_text("".join(f"{a}\t{b}\n" for (a, b), fit in zip(found, ours, strict=True) if fit))
        script = Path(folder) / "script.lua"
        script.write_text(_RPM_LUA.format(data=data))
        subprocess.run(["rpm", "--eval", f'%{{lua:dofile("{script}")}}'], capture_output=True, check=True)
        answers = iter(Path(f"{data}.out").read_text().split())
    return [int(next(answers)) if fit else None for fit in ours]


_NODE = """
const semver = require("semver");
for (const line of require("fs").readFileSync(0, "utf8").split("\\n")) {
  if (!line) continue;
  const [a, b] = JSON.parse(line);
  console.log(semver.valid(a) && semver.valid(b) ? semver.compare(a, b) : "-");
}
"""


def _node_semver() -> bool:
    return (
        bool(shutil.which("node")) and subprocess.run(["node", "-e", 'require("semver")'], capture_output=True).returncode == 0
    )


def _node(found: Pairs) -> list[int | None]:
    return _lines(["node", "-e", _NODE], found)


_RUBY = """
require "json"
STDIN.each_line do |line|
  a, b = JSON.parse(line)
  puts(!a.strip.empty? && !b.strip.empty? && Gem::Version.correct?(a) && Gem::Version.correct?(b) ? Gem::Version.new(a) <=> Gem::Version.new(b) : "-")
end
"""


def _ruby(found: Pairs) -> list[int | None]:
    return _lines(["ruby", "-e", _RUBY], found)


COMPOSER = Path("/usr/share/php/Composer/Semver")
_PHP = """
require "%s/autoload.php";
use Composer\\Semver\\VersionParser; use Composer\\Semver\\Comparator;
$parser = new VersionParser();
while (($line = fgets(STDIN)) !== false) {
  [$a, $b] = json_decode($line);
  try {
    $x = $parser->normalize($a); $y = $parser->normalize($b);
    if (str_starts_with($x, "dev-") || str_starts_with($y, "dev-")) { echo "-\\n"; continue; }
    echo (Comparator::greaterThan($x, $y) ? 1 : (Comparator::lessThan($x, $y) ? -1 : 0)), "\\n";
  } catch (\\UnexpectedValueException $e) { echo "-\\n"; }
}
"""


def _php(found: Pairs) -> list[int | None]:
    return _lines(["php", "-r", _PHP % COMPOSER], found)


_JAVA = """
import java.io.*; import java.util.*; import org.apache.maven.artifact.versioning.ComparableVersion;
public class Compare { public static void main(String[] args) throws Exception {
  BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
  PrintStream out = new PrintStream(new BufferedOutputStream(System.out));
  for (String line; (line = in.readLine()) != null; ) { String[] ab = line.split("\\t", -1);
    int r = ab[0].isEmpty() || ab[1].isEmpty() ? 9 : new ComparableVersion(ab[0]).compareTo(new ComparableVersion(ab[1]));
    out.println(r == 9 ? "-" : String.valueOf(Integer.signum(r))); } out.flush(); } }
"""


def _maven_jar() -> Path | None:
    return next(iter(sorted(Path("/usr/share/maven/lib").glob("maven-artifact-*.jar"))), None)


def _maven(found: Pairs) -> list[int | None]:
    jars = f"{_maven_jar()}:/usr/share/maven/lib/*"
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "Compare.java"
        source.write_text(_JAVA)
        data = "".join(f"{a}\t{b}\n" for a, b in found).encode()
        run = subprocess.run(["java", "-cp", jars, str(source)], input=data, capture_output=True, check=True)
    return [None if answer == "-" else int(answer) for answer in run.stdout.decode().split()]
