#!/bin/sh
# run.sh - the journeys in real Chromium against a real server, in TAP.
cd "$(dirname "$0")/.."
for tool in node chromium; do
    command -v $tool >/dev/null || { echo "ok 1 - journeys # SKIP $tool is not installed"; exit 0; }
done
exec node --test --test-concurrency=1 --test-reporter=tap browser/*.e2e.mjs
