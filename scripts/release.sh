#!/usr/bin/env bash
# Makes the files of a release from a clean tree, in target/release-files: the program for Linux (with the C library of this machine, and static
# where the target is to be had), a Debian package, the wheel, the crate packages, manual pages and completions, the bill of materials, the
# section of the changelog, and checksums. Nothing is published.
#
#   scripts/release.sh [STEP...]     all steps, or those of: check crates host static debian wheel sbom notes
#
# What this machine cannot make prints `skipped: WHY`. The same sources, compiler and tools give the same bytes: the flags below remove paths and
# times of this machine.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -1)
host=$(rustc -vV | sed -n 's/^host: //p')
static=x86_64-unknown-linux-musl
# In the order in which they can be published: each after those that it depends on.
crates=(vast-xml vast-check vast-mock vast-client vast-explain vast-nats vast-gateway vast-cli)
# Who answers for the Debian package: "NAME <ADDRESS>". The project has no address that receives mail, so whoever publishes the package gives theirs.
maintainer="${VAST_MAINTAINER:-}"
files="${CARGO_TARGET_DIR:-target}/release-files"
steps=("$@")

export SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}"
export CARGO_INCREMENTAL=0 LC_ALL=C TZ=UTC
cargo_home="${CARGO_HOME:-$HOME/.cargo}"
export RUSTFLAGS="--remap-path-prefix=$root=vast-client --remap-path-prefix=$cargo_home/registry/src=registry"
# The C code of `ring` has paths too.
export CFLAGS="${CFLAGS:-} -ffile-prefix-map=$cargo_home/registry/src=registry -ffile-prefix-map=$root=vast-client"

# skip WHY: says that a step was left out.
skip() { echo "skipped: $*"; }

# wanted STEP: whether the step is to be done.
wanted() { [ ${#steps[@]} -eq 0 ] || [[ " ${steps[*]} " == *" $1 "* ]]; }

# packed FOLDER ARCHIVE: a tar of the folder whose bytes depend only on the content.
packed() {
  tar --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner -C "$(dirname "$1")" -cf - "$(basename "$1")" | gzip -n9 >"$2"
}

# check_sources: the tree is clean, the version is new, and the public API differs from that of the last tag only as its version allows.
check_sources() {
  [ -z "$(git status --porcelain)" ] || { echo "the tree is not clean: commit first" >&2; exit 1; }
  cargo metadata --locked --format-version 1 >/dev/null
  local tag
  tag=$(git describe --tags --abbrev=0 --match 'v*' 2>/dev/null || true)
  if [ -z "$tag" ]; then
    skip "comparison of the public API: there is no tag of an earlier version"
  elif [ "$tag" = "v$version" ]; then
    echo "the version $version has a tag already" >&2
    exit 1
  elif cargo semver-checks --version >/dev/null 2>&1; then
    for crate in vast-xml vast-check vast-client vast-explain vast-gateway; do
      cargo semver-checks --package "$crate" --baseline-rev "$tag"
    done
  else
    # Without the tool: an item of docs/api that is gone or has changed breaks the API.
    local broken
    broken=$(git diff --unified=0 "$tag" -- docs/api | grep -c '^-[^-]' || true)
    echo "public API since $tag: $broken lines of docs/api are gone or have changed"
    if [ "$broken" -gt 0 ] && [ "${version%.*}" = "$(sed 's/^v//; s/\.[^.]*$//' <<<"$tag")" ]; then
      echo "a version ${version%.*}.x may not break the API of $tag" >&2
      exit 1
    fi
  fi
}

# check_order: each crate stands after those of ours that it depends on.
check_order() {
  local before=" " needed
  for crate in "${crates[@]}"; do
    for needed in $(awk '/^\[/ { inside = $0 == "[dependencies]" } inside && /^vast-/ { sub("[ .=].*", ""); print }' "crates/$crate/Cargo.toml"); do
      [[ "$before" == *" $needed "* ]] || { echo "$crate stands before $needed, which it needs" >&2; exit 1; }
    done
    before+="$crate "
  done
}

# crate_packages: each crate as it would be published, compiled from its package.
crate_packages() {
  local arguments=() published
  published=$(grep -L '^publish = false' crates/*/Cargo.toml | cut -d/ -f2)
  if [ "$published" != "$(printf '%s\n' "${crates[@]}" | sort)" ]; then
    echo "the list of crates in this script is not that of the crates that are published: $(tr '\n' ' ' <<<"$published")" >&2
    exit 1
  fi
  check_order
  for crate in "${crates[@]}"; do arguments+=(--package "$crate"); done
  cargo package --locked "${arguments[@]}"
  local package text
  for crate in "${crates[@]}"; do
    package="${CARGO_TARGET_DIR:-target}/package/$crate-$version.crate"
    for text in LICENSE-MIT LICENSE-APACHE; do
      tar -tzf "$package" "$crate-$version/$text" >/dev/null || { echo "the package of $crate has no $text" >&2; exit 1; }
    done
    cp "$package" "$files/"
  done
}

# texts PROGRAM TARGET FOLDER: what belongs to the program of this target: licences, manual pages, completions.
texts() {
  mkdir -p "$3/man" "$3/completions"
  cp LICENSE-MIT LICENSE-APACHE NOTICE README.md CHANGELOG.md "$3/"
  scripts/licences.py crates/vast-cli/Cargo.toml --features "$features" --target "$2" >"$3/THIRD-PARTY-LICENSES"
  "$1" man --dir "$3/man"
  "$1" completions bash >"$3/completions/vast.bash"
  "$1" completions zsh >"$3/completions/_vast"
  "$1" completions fish >"$3/completions/vast.fish"
}

# archive TARGET: an archive of the program that was built for the target.
archive() {
  local name="vast-$version-$1" program="${CARGO_TARGET_DIR:-target}/$1/dist/vast"
  mkdir -p "$scratch/$name"
  if ! command -v readelf >/dev/null; then
    skip "check of the program's symbols: no readelf"
  elif readelf -SW "$program" | grep '\.symtab' >/dev/null; then
    echo "the program of $1 has symbols: see strip in Cargo.toml" >&2
    exit 1
  fi
  cp "$program" "$scratch/$name/"
  texts "$program" "$1" "$scratch/$name"
  packed "$scratch/$name" "$files/$name.tar.gz"
  "$program" --version
}

# What the programs of a release have in addition to the default features.
features=nats

build() { cargo build --profile dist --locked --package vast-cli --features "$features" --bin vast --target "$1"; }

host_program() {
  build "$host"
  archive "$host"
}

# static_program: a program that needs no library of the system.
static_program() {
  if ! rustup target list --installed 2>/dev/null | grep -qx "$static" && ! rustup target add "$static" >/dev/null 2>&1; then
    skip "static program: rustup cannot add $static"
    return
  fi
  local compiler
  if command -v musl-gcc >/dev/null; then
    compiler=musl-gcc
  elif python3 -m venv "$scratch/zig" 2>/dev/null && "$scratch/zig/bin/pip" install -q --disable-pip-version-check ziglang 2>/dev/null; then
    compiler="$scratch/zig-cc"
    printf '#!/bin/sh\nexec "%s" -m ziglang cc -target x86_64-linux-musl "$@"\n' "$scratch/zig/bin/python" >"$compiler"
    chmod +x "$compiler"
  else
    skip "static program: neither musl-gcc nor zig"
    return
  fi
  # The compiler is for the C code of `ring`; Rust links with its own start files.
  CC_x86_64_unknown_linux_musl="$compiler" build "$static"
  if command -v readelf >/dev/null && readelf -d "${CARGO_TARGET_DIR:-target}/$static/dist/vast" | grep NEEDED >/dev/null; then
    echo "the program of $static needs a library" >&2
    exit 1
  fi
  archive "$static"
}

# debian_copyright: the licences in the form that Debian wants. The text of the Apache licence is on every system.
debian_copyright() {
  cat <<COPYRIGHT
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: vast-client
Source: https://github.com/vast-client/vast-client
Comment: The program contains crates of others: THIRD-PARTY-LICENSES.gz in this folder has their licences, NOTICE their notices.

Files: *
$(grep '^Copyright' LICENSE-MIT | sed 's/^Copyright (c)/Copyright:/')
License: Expat or Apache-2.0

License: Expat
$(sed -n '/^Permission/,$p' LICENSE-MIT | sed 's/^$/./; s/^/ /')

License: Apache-2.0
 On Debian systems, the text of the Apache License, version 2.0, is in
 /usr/share/common-licenses/Apache-2.0.
COPYRIGHT
}

# debian_changelog REVISION
debian_changelog() {
  printf 'vast (%s-%s) unstable; urgency=medium\n\n  * Version %s: see changelog.gz.\n\n -- %s  %s\n' \
    "$version" "$1" "$version" "$maintainer" "$(date -u -R -d "@$SOURCE_DATE_EPOCH")"
}

# debian_package: the program, its manual pages and completions, and the service of the gateway.
debian_package() {
  command -v dpkg-deb >/dev/null || { skip "Debian package: no dpkg-deb"; return; }
  local program="${CARGO_TARGET_DIR:-target}/$host/dist/vast" staged="$scratch/debian" revision=1 libc
  if [ -z "$maintainer" ]; then
    # A revision that sorts before the first real one, and an address that can receive no mail (RFC 2606).
    revision=0local1 maintainer="$(sed -n 's/^authors = \["\(.*\)"\]$/\1/p' Cargo.toml) <nobody@vast-client.invalid>"
    echo "Debian package: VAST_MAINTAINER is not set, so its revision is $revision: it is not for publication"
  fi
  [ -x "$program" ] || build "$host"
  libc=$(readelf -V "$program" | grep -o 'GLIBC_[0-9.]*' | sort -uV | tail -1 | sed 's/GLIBC_//')
  texts "$program" "$host" "$scratch/debian-texts"
  install -D -m 755 "$program" "$staged/usr/bin/vast"
  for page in "$scratch"/debian-texts/man/*.1; do
    install -D -m 644 "$page" "$staged/usr/share/man/man1/$(basename "$page")"
  done
  gzip -n9 "$staged"/usr/share/man/man1/*.1
  install -D -m 644 "$scratch/debian-texts/completions/vast.bash" "$staged/usr/share/bash-completion/completions/vast"
  install -D -m 644 "$scratch/debian-texts/completions/_vast" "$staged/usr/share/zsh/vendor-completions/_vast"
  install -D -m 644 "$scratch/debian-texts/completions/vast.fish" "$staged/usr/share/fish/vendor_completions.d/vast.fish"
  install -D -m 644 packaging/systemd/vast-gateway.service "$staged/usr/lib/systemd/system/vast-gateway.service"
  sed -i 's#/usr/local/bin/vast#/usr/bin/vast#' "$staged/usr/lib/systemd/system/vast-gateway.service"
  local documents="$staged/usr/share/doc/vast"
  mkdir -p "$documents" "$staged/DEBIAN"
  debian_copyright >"$documents/copyright"
  cp NOTICE "$documents/"
  gzip -n9 <"$scratch/debian-texts/THIRD-PARTY-LICENSES" >"$documents/THIRD-PARTY-LICENSES.gz"
  gzip -n9 <CHANGELOG.md >"$documents/changelog.gz"
  debian_changelog "$revision" | gzip -n9 >"$documents/changelog.Debian.gz"
  cat >"$staged/DEBIAN/control" <<CONTROL
Package: vast
Version: $version-$revision
Architecture: $(dpkg --print-architecture)
Maintainer: $maintainer
Installed-Size: $(du -sk --apparent-size "$staged/usr" | cut -f1)
Depends: libc6 (>= $libc), libgcc-s1
Section: web
Priority: optional
Homepage: https://github.com/vast-client/vast-client
Description: client and gateway for VAST video ads
 Requests video ads from one or many ad servers, reads the answers, follows
 wrappers, selects a usable ad within a deadline, and explains why an ad was or
 was not chosen. The command "vast serve" is an ad tag for players.
CONTROL
  chmod -R u=rwX,go=rX "$staged"
  find "$staged" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
  dpkg-deb --root-owner-group -Zxz --build "$staged" "$files/vast_${version}-${revision}_$(dpkg --print-architecture).deb" >/dev/null
  dpkg-deb --info "$files"/vast_*.deb | grep -E '^ (Package|Version|Depends)'
  if command -v lintian >/dev/null; then
    lintian --allow-root --fail-on error "$files"/vast_*.deb
  else
    skip "check of the Debian package: no lintian"
  fi
}

wheel() {
  if ! scripts/wheel.sh; then
    skip "wheel: scripts/wheel.sh failed"
    return
  fi
  cp python/dist/*.whl python/dist/*.tar.gz "$files/"
}

bill_of_materials() {
  command -v python3 >/dev/null || { skip "bill of materials: no python3"; return; }
  python3 scripts/sbom.py crates/vast-cli/Cargo.toml "$features" >"$files/vast-$version.cdx.json"
}

# notes: the section of the changelog about this version; before the version has a section, that about what is not released.
notes() {
  local section="$version"
  grep -q "^## $version\b" CHANGELOG.md || section=Unreleased
  awk -v section="## $section" 'index($0, "## ") == 1 { inside = index($0, section) == 1; next } inside' CHANGELOG.md >"$files/notes.md"
  [ -s "$files/notes.md" ] || { echo "CHANGELOG.md has no section $section" >&2; exit 1; }
}

# step NAME TITLE FUNCTION: runs the function under a heading, if the step is wanted.
step() {
  wanted "$1" || return 0
  printf '\n== %s (after %d s)\n' "$2" "$SECONDS"
  "$3"
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
rm -rf "$files"
mkdir -p "$files"
step check "sources" check_sources
step notes "section of the changelog" notes
step sbom "bill of materials" bill_of_materials
step host "program for $host" host_program
step static "program for $static" static_program
step debian "Debian package" debian_package
step crates "crate packages" crate_packages
step wheel "wheel" wheel
printf '\n== checksums (after %d s)\n' "$SECONDS"
(cd "$files" && sha256sum -- * | tee "$scratch/SHA256SUMS" && mv "$scratch/SHA256SUMS" .)
