# Sourced by the commands in bin/: makes .venv with the locked dependencies and puts it on PATH. POSIX sh.
set -eu
ROOT=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
cd "$ROOT"

say() { printf '%s\n' "$*" >&2; }

find_python() {
    for candidate in python3.13 python3.12 python3.11 python3 python; do
        if command -v "$candidate" >/dev/null 2>&1 &&
            "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            printf '%s' "$candidate"
            return 0
        fi
    done
    return 1
}

ensure_environment() {
    stamp=.venv/.lock-sum
    wanted=$(cksum < requirements.lock)
    if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && .venv/bin/python -c '' 2>/dev/null; then
        return 0
    fi
    if ! python=$(find_python); then
        say "Lonja needs Python 3.11 or newer. Install it (Debian: apt install python3 python3-venv) and try again."
        exit 1
    fi
    say "Making .venv and installing the locked dependencies (once; about a minute) ..."
    if ! "$python" -m venv .venv >&2; then
        say "Python's venv module is missing. On Debian and Ubuntu: apt install python3-venv"
        exit 1
    fi
    if ! .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock >&2; then
        say "The dependencies could not be installed; the lines above say why. The package registry must be reachable."
        exit 1
    fi
    printf '%s' "$wanted" > "$stamp"
}

ensure_environment
PATH="$ROOT/.venv/bin:$PATH"
export PATH
