//! Gives each program of the reading floor another order of its functions.

#![forbid(unsafe_code)]

/// How many such programs there are.
const PROGRAMS: usize = 8;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|found| found == value);
    // There the compiler links with lld, which can shuffle.
    if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ARCH", "x86_64") && std::env::var_os("CARGO_FEATURE_FLOOR").is_some() {
        for seed in 1..=PROGRAMS {
            println!("cargo::rustc-link-arg-bin=read-floor-{seed}=-Wl,--shuffle-sections=.text*={seed}");
        }
    }
}
