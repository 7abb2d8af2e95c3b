#!/usr/bin/env bash
# Opens a pull request on GitHub for each patch in a folder that `queries.py --patches` wrote. The name of a patch
# is the URL of its repository, percent-encoded. Patches that do not apply are named and left.
# `DRY_RUN=1` commits and pushes nothing.
set -euo pipefail
patches=${1:?usage: pull_requests.sh PATCHES}
branch=${BRANCH:-msi2imds}
title="Move from the managed identity VM extension to IMDS"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

one() {
    local patch=$1 url folder=$work/clone
    url=$(python3 -c 'import sys, urllib.parse as u; print(u.unquote(sys.argv[1]))' "$(basename "$patch" .patch)")
    rm -rf "$folder"
    # Nothing of the repository is run: no hooks, and no filters but those of the user's own configuration.
    git -c core.hooksPath=/dev/null clone --quiet --depth 1 -- "$url" "$folder"
    git -C "$folder" apply --index "$patch"
    [ -z "${DRY_RUN:-}" ] || { echo "$url: applies" && return; }
    git -C "$folder" switch --quiet --create "$branch"
    git -C "$folder" -c core.hooksPath=/dev/null commit --quiet --message "$title"
    git -C "$folder" -c core.hooksPath=/dev/null push --quiet origin "$branch"
    (cd "$folder" && gh pr create --head "$branch" --title "$title" --body-file "${BODY:-/dev/null}")
}

failed=0
for patch in "$(realpath "$patches")"/*.patch; do
    # Not in a condition, where a failed command would not end it.
    set +e
    (
        trap - EXIT
        set -e
        one "$patch"
    ) </dev/null
    status=$?
    set -e
    [ "$status" -eq 0 ] || { echo "$(basename "$patch"): no pull request" >&2 && failed=1; }
done
exit "$failed"
