#!/bin/bash
# tests/mutation/run.sh [OPTION...]: takes one check out of the token engine at a time and demands that a test notices. Ends with
# "N passed, N failed". Needs build/libauthkit.a and build/tests/vectors, which tests/run.sh makes.
exec /usr/bin/python3 "$(dirname "$0")/mutate.py" "$@"
