"""No unfinished work, no test that is switched off, nothing that only one machine has."""

import re

# Written so that this file does not find itself.
FORBIDDEN = [
    (r"\b(TO[D]O|FIX[M]E|XX[X])\b", "unfinished work"),
    (r"doctest::(ski[p]|may_fai[l]|should_fai[l]|expected_failure[s])\b|DOCTEST_SKI[P]", "a test that is switched off"),
    (r"\b(pytest\.mark\.(ski[p]|xfai[l])|unittest\.(ski[p]|expectedFailur[e])|skipTes[t]\(|GTEST_SKI[P]|t\.Ski[p]\w*\()", "a test that is switched off"),
    (r"/wor[k]/|\.\./share[d]|/hom[e]/\w|/tmp/buil[d]-", "a path of one machine"),
]


def check(tree, paths):
    findings = []
    for path in paths:
        for number, line in enumerate(tree.text(path).splitlines(), 1):
            findings += [f"{path}:{number}: {meaning}: {match[0]}" for pattern, meaning in FORBIDDEN if (match := re.search(pattern, line))]
    return findings


PLANTS = [
    ("src/core/planted.cpp", "// TO" + "DO: later\n"),
    ("tests/unit/planted.cpp", 'TEST_CASE("x" * doctest::sk' + "ip()) {}\n"),
    ("tests/checks/planted.py", "@unittest.sk" + "ip\n"),
    ("README.md", "see /wor" + "k/main\n"),
]
