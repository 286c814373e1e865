//! A statistical test: whether counts follow given shares.

/// The limits of [`chi_square`] by degrees of freedom, which are one fewer than the shares. True shares exceed them once in 1,000
/// samples; the seeds of the tests are fixed, so a test that passes once passes always.
pub(crate) const CRITICAL: [f64; 6] = [0.0, 10.828, 13.816, 16.266, 18.467, 20.515];

/// The distance of `found` from the counts that these shares lead to (Pearson's chi-square statistic).
pub(crate) fn chi_square(found: &[u32], shares: &[f64]) -> f64 {
    let total = f64::from(found.iter().sum::<u32>());
    let distance = |(found, share): (&u32, &f64)| (f64::from(*found) - share * total).powi(2) / (share * total);
    found.iter().zip(shares).map(distance).sum()
}
