//! The delays that a script draws.

use std::time::Duration;

use vast_mock::Delay;

const MS: fn(u64) -> Duration = Duration::from_millis;

/// The longest delay that is drawn.
const HOUR: Duration = Duration::from_secs(3600);

fn draws(delay: Delay) -> Vec<Duration> {
    let mut rng = fastrand::Rng::with_seed(7);
    (0..4000).map(|_| delay.draw(&mut rng)).collect()
}

fn mean(draws: &[Duration]) -> f64 {
    draws.iter().map(Duration::as_secs_f64).sum::<f64>() / draws.len() as f64
}

#[test]
fn fixed_draws_nothing() {
    let mut rng = fastrand::Rng::with_seed(7);
    assert_eq!(Delay::from(MS(20)).draw(&mut rng), MS(20));
    assert_eq!(rng.get_seed(), fastrand::Rng::with_seed(7).get_seed());
}

#[test]
fn the_same_seed_gives_the_same_times() {
    let pareto = Delay::Pareto { scale: MS(100), shape: 1.5 };
    assert_eq!(draws(pareto), draws(pareto));
}

#[test]
fn uniform_stays_between_its_bounds_and_fills_them() {
    let all = draws(Delay::Uniform { from: MS(100), to: MS(300) });
    assert!(all.iter().all(|draw| (MS(100)..=MS(300)).contains(draw)));
    assert!(all.iter().any(|draw| *draw < MS(110)) && all.iter().any(|draw| *draw > MS(290)));
}

#[test]
fn normal_is_around_its_mean_and_never_negative() {
    assert!((mean(&draws(Delay::Normal { mean: MS(200), deviation: MS(50) })) - 0.2).abs() < 0.005);
    let wide = draws(Delay::Normal { mean: MS(10), deviation: MS(500) });
    assert!(wide.contains(&Duration::ZERO));
}

#[test]
fn pareto_starts_at_its_scale_has_its_median_and_ends() {
    let mut all = draws(Delay::Pareto { scale: MS(100), shape: 1.5 });
    all.sort();
    assert!(all[0] >= MS(100));
    // The median of a Pareto distribution is scale * 2^(1/shape): 158.7 ms.
    assert!((all[all.len() / 2].as_secs_f64() - 0.1587).abs() < 0.01);
    assert_eq!(draws(Delay::Pareto { scale: MS(100), shape: 0.01 }).iter().max(), Some(&HOUR));
}
