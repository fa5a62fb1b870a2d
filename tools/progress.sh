#!/usr/bin/env bash
# progress.sh WHAT COMMAND... runs a command that is long and silent, and says
# every 10 s what is going on; what the command prints is shown if it fails.
set -uo pipefail
what=$1
shift
log=$(mktemp)
trap 'rm -f "$log"' EXIT
begun=$SECONDS
echo "$what ..."
"$@" >"$log" 2>&1 &
command=$!
trap 'kill "$command" 2>/dev/null; exit 130' INT TERM
next=10
while kill -0 "$command" 2>/dev/null; do
	sleep 0.2
	if ((SECONDS - begun >= next)); then
		echo "$what: $((SECONDS - begun)) s, $(wc -l <"$log") steps, now $(tail -n 1 "$log" | cut -c 1-80)"
		next=$((SECONDS - begun + 10))
	fi
done
if ! wait "$command"; then
	cat "$log"
	echo "$what failed: $*" >&2
	exit 1
fi
echo "$what: done in $((SECONDS - begun)) s"
