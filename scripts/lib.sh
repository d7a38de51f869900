# lib.sh - what scripts/run, scripts/test and .ci/run have in common.
# Sourced by bash scripts that set `top` to the source tree first.

say() { printf '\n==> %s\n' "$*"; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

# Run a command as root; asks sudo only when we are not.
as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo > /dev/null; then
		sudo "$@"
	else
		die "root is needed for: $* (run it as root, or install sudo)"
	fi
}

# Those of the named packages that are not installed.
missing_packages() {
	local p
	for p in "$@"; do
		case "$(dpkg-query -W -f '${db:Status-Abbrev}' "$p" 2> /dev/null || true)" in
		ii*) ;;
		*) echo "$p" ;;
		esac
	done
}

# The names without those marked "?" that this machine's packages do not have
# (Hyperscan is for amd64 alone); the mark is taken off.
offered() {
	local p
	for p in "$@"; do
		case "$p" in
		*\?) ! apt-cache show "${p%\?}" > /dev/null 2>&1 || echo "${p%\?}" ;;
		*) echo "$p" ;;
		esac
	done
}

# install_packages LIST...: install what scripts/packages/LIST.txt names, without
# asking anything (DEBIAN_FRONTEND also silences tshark's question).
install_packages() {
	local list names=() missing
	for list in "$@"; do
		mapfile -t -O "${#names[@]}" names < <(sed 's/#.*//; /^[[:space:]]*$/d' "$top/scripts/packages/$list.txt")
	done
	command -v dpkg-query > /dev/null ||
		die "this is not Debian or Ubuntu; install by hand: ${names[*]}"
	mapfile -t missing < <(missing_packages "${names[@]%\?}")
	if [ "${#missing[@]}" = 0 ]; then
		echo "all packages are installed"
		return
	fi
	say "installing ${missing[*]}"
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 update ||
		die "apt-get update failed; is there a network?"
	# What is missing for good is what the lists just fetched do not have.
	mapfile -t missing < <(missing_packages $(offered "${names[@]}"))
	[ "${#missing[@]}" != 0 ] || return 0
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 \
		install --no-install-recommends "${missing[@]}" ||
		die "apt-get could not install: ${missing[*]}"
}

# Make ./configure where there is none, and say why an out-of-tree build cannot be.
prepare_tree() {
	[ ! -e "$top/config.status" ] ||
		die "the source tree itself is configured; run 'make distclean' in $top first"
	[ -x "$top/configure" ] || (cd "$top" && ./autogen.sh)
}

# configure_in FOLDER [OPTION...]
configure_in() {
	local folder=$1
	shift
	prepare_tree
	mkdir -p "$folder"
	(cd "$folder" && "$top/configure" "$@")
}

jobs_of_machine() { getconf _NPROCESSORS_ONLN 2> /dev/null || echo 1; }
