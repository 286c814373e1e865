# The front door: `just` lists what there is.

# List the recipes.
default:
    @just --list --unsorted

# Everything that must hold before a change is taken.
check:
    .ci/run

# Format the code.
fmt:
    cargo fmt --all

# Clippy, warnings are errors.
clippy:
    cargo clippy --workspace --all-targets --all-features -- -D warnings

# The repository's own rules: module graph, sizes, names, promised compiler.
tidy *arguments:
    cargo xtask tidy {{arguments}}

# The table of requirements against the tests that prove them.
conformance *arguments:
    cargo xtask conformance {{arguments}}

# All tests.
test *arguments:
    cargo test --workspace {{arguments}}

# Fuzz one body (parse, round_trip, vmap, macros, target) with libFuzzer; the same bodies run in `just test` without it.
fuzz target seconds="60":
    @if cargo +nightly fuzz --version >/dev/null 2>&1; then mkdir -p fuzz/corpus/{{target}} && cargo +nightly fuzz run {{target}} fuzz/corpus/{{target}} fixtures/xml -- -max_total_time={{seconds}}; else echo "skipped: cargo-fuzz"; fi

# The documentation, warnings are errors.
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --all-features

# Every mode, fallback and filter against mock ad servers on this machine.
demo:
    cargo run -- demo

# Our speed beside the floors.
bench *arguments:
    cargo run --release --package vast-bench -- {{arguments}}

# What `vast request` and the Node client make of the same wrapper trees; every difference must be explained.
differential *cases:
    cargo build --package vast-cli
    scripts/differential.sh "${CARGO_TARGET_DIR:-target}/debug/vast" {{cases}}

# Licences, banned crates and sources of all dependencies.
deny:
    @if cargo deny --version >/dev/null 2>&1; then cargo deny --offline --all-features check licenses bans sources; else echo "skipped: cargo-deny"; fi

# Build with the oldest compiler that we promise; `just tidy` checks what the dependencies state without it.
msrv:
    @if cargo +1.90 --version >/dev/null 2>&1; then cargo +1.90 check --workspace; else echo "skipped: msrv toolchain"; fi
