#!/usr/bin/env bash
# install-release.sh RELEASE ROOT USER...
# Makes a Slurm of a Debian release there: ROOT "/" is this machine and its packages, anything else a directory that
# debootstrap fills. What is there already is left as it is. Needs root, apt and a Debian mirror.
set -euo pipefail
release=$1 root=$2
shift 2
packages=(munge mariadb-server slurmctld slurmd slurmdbd slurmrestd slurm-client slurm-wlm-basic-plugins)
export DEBIAN_FRONTEND=noninteractive LC_ALL=C

fail() { echo "$*" >&2; exit 1; }
[ "$(id -u)" -eq 0 ] || fail 'A real Slurm is started by root alone: its daemons become other users.'
command -v apt-get >/dev/null || fail 'A real Slurm comes from Debian packages, and there is no apt-get here.'

install_here() {
  dpkg-query -W "$@" >/dev/null 2>&1 && ! dpkg-query -W -f '${db:Status-Status}\n' "$@" | grep -qvx installed && return
  apt-get -q update
  # Nothing that the packages bring along is to be started as a service.
  local policy=/usr/sbin/policy-rc.d
  if [ ! -e $policy ]; then
    trap "rm -f $policy" EXIT
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod 755 $policy
  fi
  apt-get -q install -y --no-install-recommends "$@"
}

mirror() {
  local found
  found=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m1 -E '/debian/?$' || true)
  echo "${found:-http://deb.debian.org/debian}"
}

fill_directory() {
  [ -e "$root/slurm-is-installed" ] && return
  install_here debootstrap
  rm -rf --one-file-system "$root"
  mkdir -p "$root"
  # Suites newer than the debootstrap at hand are made like unstable.
  local script=/usr/share/debootstrap/scripts/$release
  [ -e "$script" ] || script=/usr/share/debootstrap/scripts/sid
  debootstrap --variant=minbase --include="$(IFS=,; echo "${packages[*]}")" "$release" "$root" "$(mirror)" "$script"
  chroot "$root" apt-get -q install -y --no-install-recommends slurm-wlm-jwt-plugin
  chroot "$root" apt-get clean
  # slurmdbd and libmariadb3 11.8.9 do not go together; the client library of this machine's release does.
  local library
  library=$(mktemp -d)
  chmod 755 "$library"
  (cd "$library" && apt-get -q update && apt-get -q download libmariadb3 && dpkg-deb -x libmariadb3_*.deb .)
  mkdir -p "$root/opt/lib"
  cp "$library"/usr/lib/*/libmariadb.so.3 "$root/opt/lib/"
  rm -rf "$library"
  touch "$root/slurm-is-installed"
}

if [ "$root" = / ]; then
  # shellcheck disable=SC1091
  [ "$(. /etc/os-release && echo "${VERSION_CODENAME:-}")" = "$release" ] ||
    fail "The packages of this machine are not Debian $release's: take a release that is kept in a directory."
  install_here "${packages[@]}" slurm-wlm-jwt-plugin
else
  fill_directory
  echo "127.0.0.1 localhost $(hostname -s)" >"$root/etc/hosts"
fi
for user in "$@"; do
  chroot "$root" id "$user" >/dev/null 2>&1 || chroot "$root" useradd --create-home --shell /bin/bash "$user"
done
