#!/bin/sh
# unit.sh - the browser modules that run under Node, in TAP.
cd "$(dirname "$0")/.."
command -v node >/dev/null || { echo 'ok 1 - script tests # SKIP node is not installed'; exit 0; }
exec node --test --test-reporter=tap browser/unit/*.test.mjs
