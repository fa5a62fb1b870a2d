#!/usr/bin/env bash
# setup.sh sees that a program which the tests start is there: PROGRAM PACKAGE...
# What is missing it installs with the system's package manager where it may,
# else it names the command.
set -euo pipefail
program=$1
shift
packages=("$@")
if command -v "$program" >/dev/null || compgen -G "/usr/lib/postgresql/*/bin/$program" >/dev/null; then
	exit 0
fi
if command -v apt-get >/dev/null; then
	install=(env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${packages[@]}")
elif command -v brew >/dev/null; then
	install=(brew install "${packages[@]}")
else
	echo "$program is missing: install ${packages[*]} with the package manager of this system" >&2
	exit 1
fi
if [[ ${install[0]} == env && $(id -u) != 0 ]]; then
	echo "$program is missing; run: sudo apt-get install -y ${packages[*]}" >&2
	exit 1
fi
if [[ ${install[0]} == env ]]; then
	"$(dirname "$0")/progress.sh" "reading the package lists" apt-get update
fi
"$(dirname "$0")/progress.sh" "installing ${packages[*]}" "${install[@]}"
