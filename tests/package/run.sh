#!/bin/bash
# The Debian package on a clean Debian 12 that is booted: installed, started on a pair of interfaces, alerts to an rsyslog over
# TLS, reloaded, hung, stopped, removed, purged.
# usage: run.sh [PACKAGE.deb]     (default: is built, unless TW_PACKAGE names one)
#
# Needs root, debootstrap, systemd-nspawn and a Debian mirror; the chroot is kept in TW_CLEAN (default /var/tmp/tw-clean) and used
# again.  Where a container cannot be booted it says so, exit status 77.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
base=${TW_CLEAN:-/var/tmp/tw-clean}
package=${1:-${TW_PACKAGE:-}}
skip() { echo "skipped: $*"; exit 77; }

[ "$(id -u)" = 0 ] || skip "needs root"
for tool in debootstrap systemd-nspawn dpkg-buildpackage; do
	command -v $tool > /dev/null || skip "$tool is missing"
done
work=$(mktemp -d /var/tmp/tw-package.XXXXXX)
machine=tw-package-$$
cleanup() {
	if [ -n "${nspawn:-}" ] && kill -0 "$nspawn" 2> /dev/null; then kill "$nspawn"; wait "$nspawn" || true; fi
	rm -rf "$work"
}
trap cleanup EXIT

if [ -z "$package" ]; then
	mkdir "$work/source"
	tar -C "$top" --exclude='./build*' --exclude=./.git --exclude=./autom4te.cache -c . | tar -C "$work/source" -x
	(cd "$work/source" && DEB_BUILD_OPTIONS="parallel=$(nproc) nocheck" dpkg-buildpackage -us -uc -b) > "$work/build.log" 2>&1 ||
		{ tail -n 40 "$work/build.log"; echo "the package does not build"; exit 1; }
	package=$(echo "$work"/thermowell_*.deb)
	if command -v lintian > /dev/null; then
		lintian --fail-on error,warning "$work"/thermowell_*.changes || { echo "lintian is not content"; exit 1; }
	fi
fi
if [ ! -x "$base/usr/bin/apt-get" ]; then
	debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus bookworm "$base" > "$work/debootstrap.log" 2>&1 ||
		{ tail -n 5 "$work/debootstrap.log"; skip "no clean Debian can be made here"; }
fi
cp -a "$base" "$work/root"
root=$work/root
mkdir -p "$root/test"
cp "$package" "$root/test/thermowell.deb"
cp "$here/inside.sh" "$here/send.py" "$top/pcaps/plant/plant-attack.pcap" "$root/test/"
inside() { chroot "$root" env DEBIAN_FRONTEND=noninteractive LC_ALL=C "$@"; }
# What the test is made with; the package itself is only fetched, and installed once it is booted.
{
	printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d" && chmod +x "$root/usr/sbin/policy-rc.d"
	inside apt-get -q update
	inside apt-get -q -y install --no-install-recommends rsyslog rsyslog-gnutls openssl python3-minimal iproute2 logrotate libmicrohttpd12
	rm "$root/usr/sbin/policy-rc.d"
	inside apt-get -q -y -d install --no-install-recommends /test/thermowell.deb
} > "$work/apt.log" 2>&1 || { tail -n 20 "$work/apt.log"; echo "apt failed"; exit 1; }
cat > "$root/etc/systemd/system/tw-test.service" <<'UNIT'
[Unit]
Description=test of the package
After=multi-user.target
[Service]
Type=oneshot
ExecStart=/bin/bash -c '/bin/bash /test/inside.sh > /test/log 2>&1; echo $? > /test/status; systemctl --no-block poweroff'
[Install]
WantedBy=multi-user.target
UNIT
ln -s ../tw-test.service "$root/etc/systemd/system/multi-user.target.wants/tw-test.service"
systemd-nspawn -q -D "$root" -M "$machine" --private-network --register=no --keep-unit --boot \
	< /dev/null > "$work/boot.log" 2>&1 & nspawn=$!
for _ in $(seq 300); do
	[ ! -e "$root/test/status" ] || break
	kill -0 "$nspawn" 2> /dev/null || break
	sleep 1
done
if [ ! -e "$root/test/log" ]; then
	tail -n 20 "$work/boot.log"
	skip "a Debian cannot be booted in a container here"
fi
cat "$root/test/log"
[ "$(cat "$root/test/status" 2> /dev/null)" = 0 ]
