#!/bin/sh
# demo.sh - the whole loop in two minutes: the sample jobs, three simulated annotators who label
# through the REST API, and the labels out at the end. `make demo` calls it.
set -eu

program=${PLUMBLINE:-build/plumbline}
samples=${SAMPLES:-build/samples}
data=${DEMO_DATA:-demo-data}
listen=${LISTEN:-127.0.0.1:8080}

if [ -e "$data/plumbline.db" ]; then
    echo "removing the last demo's $data"
    rm -rf "$data"
fi
"$program" serve --data "$data" --listen "$listen" --samples "$samples" --undo-seconds 2 \
    --log-level warn &
service=$!
trap 'kill $service 2>/dev/null; wait $service 2>/dev/null || true' EXIT INT TERM
until python3 -c "import urllib.request; urllib.request.urlopen('http://$listen/readyz')" 2>/dev/null; do
    kill -0 $service || exit 1
    sleep 0.2
done
sleep 3 # the samples are being read

token() {
    "$program" user add "$1" --data "$data" >/dev/null
    "$program" key create --user "$1" --data "$data" |
        python3 -c 'import json, sys; print(json.load(sys.stdin)["token"])'
}
PLUMBLINE_DEMO_TOKENS=$(token Ada),$(token Ben),$(token Cleo)
export PLUMBLINE_DEMO_TOKENS
echo
echo "Follow the link above, then open http://$listen/jobs and watch."
echo

python3 samples/demo.py --url "http://$listen" --job sample-pictures \
    --truth "$samples/pictures/pictures.truth.csv" --rate 18 >"$data/pictures.log" 2>&1 &
pictures=$!
python3 samples/demo.py --url "http://$listen" --job sample-messages \
    --truth "$samples/messages/messages.truth.csv" --rate 50
wait $pictures || cat "$data/pictures.log"

for job in messages pictures; do
    "$program" export --data "$data" --job "sample-$job" --format manifest \
        --out "$data/$job.output.manifest"
done
echo
echo "Both jobs are done, their manifests are in $data/. The service goes on; Ctrl+C ends it."
wait $service
