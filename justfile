# `just` lists the recipes.

# List the recipes.
default:
    @just --list --unsorted

# Every check that a change must pass.
check:
    .ci/run

# Format the code.
fmt:
    cargo fmt --all

# Run Clippy; warnings are errors.
clippy:
    cargo clippy --workspace --all-targets --all-features -- -D warnings

# The repository's own rules: module graph, file sizes, names, oldest compiler.
tidy *arguments:
    cargo xtask tidy {{arguments}}

# Compare the public API with docs/api; `just api --update` writes it.
api *arguments:
    cargo xtask api {{arguments}}

# Compare the table of requirements with the tests that prove them.
conformance *arguments:
    cargo xtask conformance {{arguments}}

# Run all tests.
test *arguments:
    cargo test --workspace {{arguments}}

# Run the tests of the libraries again and again, each time with other cases of the property tests.
explore rounds="20":
    @for round in $(seq {{rounds}}); do seed=$(od -An -N4 -tu4 /dev/urandom | tr -d ' '); echo "PROPTEST_RNG_SEED=$seed"; PROPTEST_RNG_SEED=$seed cargo test --quiet -p vast-xml -p vast-client --all-features || exit 1; done

# Fuzz one target (a name of `Body` in vast-fuzz: parse, round_trip, vmap, edit, macros, target, pipeline, merge, verdict, session, config, recording, outbox, token, query) with libFuzzer; `just test` runs the same code on seeded mutations.
fuzz target seconds="60":
    @# The tables of a damaged file that are open at a panic are not dropped, so the memory of an outbox may be lost: that is no finding.
    @if cargo +nightly fuzz --version >/dev/null 2>&1; then cargo run --quiet --package vast-fuzz --example seeds {{target}} fuzz/corpus/{{target}} && ASAN_OPTIONS=detect_leaks={{ if target == "outbox" { "0" } else { "1" } }} cargo +nightly fuzz run {{target}} fuzz/corpus/{{target}} -- -max_total_time={{seconds}}; else echo "skipped: cargo-fuzz"; fi

# Measure memory and time of `vast` against hostile answers; not part of `just check`, because the limits hold for a release build.
memory *arguments:
    cargo build --release -p vast-cli
    python3 scripts/memory.py --vast target/release/vast {{arguments}}

# Build the documentation; warnings are errors.
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --all-features

# Build the documentation as a book, in target/book.
book:
    @if command -v mdbook >/dev/null 2>&1; then mdbook build docs; else echo "skipped: mdbook"; fi

# Show every mode, fallback and filter against mock ad servers on this machine.
demo:
    cargo run -- demo

# Measure our speed against the simplest program that does the same work.
bench *arguments:
    cargo run --profile dist --package vast-bench -- {{arguments}}

# Compare `vast request` with the Node client on the same wrapper trees; every difference must be explained.
differential *cases:
    cargo build --package vast-cli
    scripts/differential.sh "${CARGO_TARGET_DIR:-target}/debug/vast" {{cases}}

# Build the Python package without optimization, and run its tests.
python:
    cargo build --package vast-cli
    scripts/python.sh "${CARGO_TARGET_DIR:-target}/debug/vast"

# Build the wheel and the source distribution of the Python package, in python/dist.
wheel:
    scripts/wheel.sh

# Make the files of a release from a clean tree, in target/release-files: programs, packages, wheel, crates, checksums. Publishes nothing.
release *steps:
    scripts/release.sh {{steps}}

# Check licences, banned crates, sources and advisories of all dependencies.
deny:
    @if cargo deny --version >/dev/null 2>&1; then cargo deny --offline --all-features check licenses bans sources; else echo "skipped: cargo-deny"; fi
    @if timeout 60 cargo deny --all-features fetch db >/dev/null 2>&1; then cargo deny --all-features check advisories; else echo "skipped: advisories"; fi

# Find declared dependencies that are not used.
shear:
    @if cargo shear --version >/dev/null 2>&1; then for each in . fuzz bench-peers python; do cargo shear --deny-warnings "$each" || exit 1; done; else echo "skipped: cargo-shear"; fi

# Build with the oldest compiler that Cargo.toml promises; without it, `just tidy` checks what the dependencies state.
msrv:
    @if cargo +1.90 --version >/dev/null 2>&1; then cargo +1.90 check --workspace --all-features; else echo "skipped: msrv"; fi
