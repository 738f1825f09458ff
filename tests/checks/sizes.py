"""No file is longer than a reader holds: 400 lines. Data and the one C header aside."""

import re

LIMIT = 400
ASIDE = re.compile(r"include/authkit/(c\.h|errors\.def)|LICENSE|README\.md|tests/vectors/.*|.*\.(json|svg|lock|sum)")


def check(tree, paths):
    texts = ((path, tree.text(path)) for path in paths if not ASIDE.fullmatch(path))
    return [f"{path}: {text.count(chr(10))} lines, {LIMIT} is the limit" for path, text in texts if text.count("\n") > LIMIT]


PLANTS = [("src/core/planted.cpp", "\n" * (LIMIT + 1))]
