#!/usr/bin/env bash
# Without an engine: runs msi2imds over the bare repositories that REPOS lists, one a line, into a folder for each
# below OUT. Run it again, and it takes those that failed.
set -euo pipefail
repos=${1:?usage: without_spark.sh REPOS OUT [JOBS]}
export out=${2:?usage: without_spark.sh REPOS OUT [JOBS]}

one() {
    local folder status=0
    folder=$out/$(printf '%s' "$1" | tr -c '[:alnum:].-' _)
    [ ! -e "$folder/done" ] || return 0
    mkdir -p "$folder"
    (
        ulimit -d 2097152
        exec timeout --kill-after=5 120 msi2imds diff --rev "${REV:-HEAD}" --quiet --exit-zero --jobs 1 \
            --output "json=$folder/report.json" --diff-file "$folder/change.patch" --output-format concise -- "$1"
    ) >"$folder/stdout" 2>"$folder/error" || status=$?
    [ "$status" -ne 0 ] || touch "$folder/done"
    [ "$status" -eq 0 ] || printf '%s: exit code %s: %s\n' "$1" "$status" "$(head -c 300 "$folder/error")"
}
export -f one
# The inner shell expands it.
# shellcheck disable=SC2016
tr '\n' '\0' <"$repos" | xargs -0 -n 1 -P "${3:-$(nproc)}" bash -c 'one "$1"' one
