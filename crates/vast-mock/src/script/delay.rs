//! How long a server waits: a fixed time or a draw from a distribution.

use std::f64::consts::TAU;
use std::time::Duration;

/// The longest time that is drawn. A heavy tail must not become a hang; [`crate::Fault::Hang`] is for that.
const LONGEST: Duration = Duration::from_secs(3600);

/// A wait, which is drawn again for every answer. The default is no delay.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Delay {
    /// Always the same time. No random number is drawn.
    Fixed(Duration),
    /// A uniform distribution.
    Uniform {
        /// The shortest time.
        from: Duration,
        /// The longest time, not below `from`.
        to: Duration,
    },
    /// A normal distribution. Negative values become zero.
    Normal {
        /// The mean.
        mean: Duration,
        /// The standard deviation.
        deviation: Duration,
    },
    /// A Pareto distribution, like the response times of ad servers: mostly near `scale`, sometimes very long. Values end
    /// at one hour.
    Pareto {
        /// The shortest time.
        scale: Duration,
        /// The shape, above zero. Smaller values give a heavier tail.
        shape: f64,
    },
}

impl Delay {
    /// No delay.
    pub const NONE: Self = Self::Fixed(Duration::ZERO);

    /// Draws one wait. A fixed delay does not use `rng`.
    pub fn draw(&self, rng: &mut fastrand::Rng) -> Duration {
        match *self {
            Self::Fixed(duration) => duration,
            Self::Uniform { from, to } => {
                let width = to.saturating_sub(from);
                let drawn = Duration::try_from_secs_f64(width.as_secs_f64() * rng.f64()).unwrap_or(width);
                from.saturating_add(drawn)
            }
            Self::Normal { mean, deviation } => {
                seconds(mean.as_secs_f64() + deviation.as_secs_f64() * standard_normal(rng))
            }
            Self::Pareto { scale, shape } => seconds(scale.as_secs_f64() * (1.0 - rng.f64()).powf(-1.0 / shape)),
        }
    }

    /// Whether the parameters are valid: an ordered range, a positive shape.
    pub(crate) fn is_valid(&self) -> bool {
        match *self {
            Self::Uniform { from, to } => from <= to,
            Self::Pareto { shape, .. } => shape.is_finite() && shape > 0.0,
            Self::Fixed(_) | Self::Normal { .. } => true,
        }
    }
}

impl Default for Delay {
    fn default() -> Self {
        Self::NONE
    }
}

impl From<Duration> for Delay {
    fn from(duration: Duration) -> Self {
        Self::Fixed(duration)
    }
}

/// Negative values become zero. Values that are too long, infinite or not a number become [`LONGEST`].
fn seconds(value: f64) -> Duration {
    Duration::try_from_secs_f64(value.max(0.0)).unwrap_or(LONGEST).min(LONGEST)
}

/// Box and Muller's transform of two uniform draws; `1 - x` keeps the logarithm away from zero.
fn standard_normal(rng: &mut fastrand::Rng) -> f64 {
    let radius = (-2.0 * (1.0 - rng.f64()).ln()).sqrt();
    radius * (TAU * rng.f64()).cos()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    #[test]
    fn impossible_bounds_are_known() {
        assert!(!Delay::Uniform { from: MS(2), to: MS(1) }.is_valid());
        assert!(!Delay::Pareto { scale: MS(1), shape: 0.0 }.is_valid());
        assert!(!Delay::Pareto { scale: MS(1), shape: f64::NAN }.is_valid());
        assert!(Delay::NONE.is_valid());
    }
}
