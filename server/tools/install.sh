#!/bin/sh
# install.sh - installs the Debian packages that are missing. `install.sh run` for building and
# running, `install.sh test` also for every test, `install.sh lint` for analysis and fuzzing. Quick when there is nothing to do.
set -eu

run="pkg-config libmicrohttpd-dev libsqlite3-dev libjansson-dev libpng-dev libjpeg62-turbo-dev
     liblinear-dev libsodium-dev libssl-dev libutf8proc-dev libarchive-dev libcurl4-openssl-dev libcsv-dev
     libopenblas-dev libxml2-dev libpcre2-dev zlib1g-dev"
test="$run python3 chromium fonts-noto-core fonts-noto-color-emoji libfaketime curl awscli python3-boto3
      swift-proxy swift-account swift-container swift-object memcached"

want=$run
[ "${1:-run}" = test ] && want=$test
[ "${1:-run}" = lint ] && want="$run clang libclang-rt-14-dev cppcheck"
command -v cc >/dev/null || want="$want gcc libc6-dev"
# Where Node is there already, from wherever, Debian's own would only stand in its way.
command -v node >/dev/null || want="$want nodejs"
command -v npm >/dev/null || want="$want npm"

# shellcheck disable=SC2086
there=$(dpkg-query -W -f '${Package}:${db:Status-Status} ' $want 2>/dev/null || true)
missing=
for p in $want; do
    case " $there" in *" $p:installed "*) ;; *) missing="$missing $p" ;; esac
done
[ -z "$missing" ] && exit 0

as_root=
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || {
        echo "These packages are missing, and there is no sudo to install them:$missing" >&2
        exit 1
    }
    as_root=sudo
fi
command -v apt-get >/dev/null || {
    echo "This is not Debian. Install what stands for:$missing" >&2
    exit 1
}
echo "installing:$missing" >&2
$as_root apt-get update -qq
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
