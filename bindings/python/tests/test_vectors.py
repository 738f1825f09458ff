"""The vector protocol through Python: the verdicts of the hostile generator, one by one."""

import os
import subprocess

import authkit


def test_every_hostile_line_gets_its_verdict() -> None:
    generator = os.environ["AUTHKIT_HOSTILE"]
    lines = subprocess.run([generator], check=True, capture_output=True, text=True).stdout.splitlines()
    assert len(lines) >= 300
    wrong = [line for line in lines if authkit.answer_vector_line(line.split("\t", 1)[1]).split(" ")[0] != line.split("\t", 1)[0]]
    assert wrong == []
