//! One step of coordinate descent on a logistic loss: a number goes to the minimum of a parabola that
//! lies above the loss (its curvature is at most a quarter of the squared values), so that every step
//! is downhill and no length of a step has to be searched (Böhning and Lindsay 1988). Additions,
//! multiplications and divisions only: the same on every machine.

use crate::weigh::logistic;

/// The parabola above the loss along one number, where the number stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parabola {
    slope: f64,
    curvature: f64,
}

impl Parabola {
    /// Before any case: the number is `distance` away from where it is pulled to, as hard as by `pull`
    /// cases of value 1.
    pub(super) fn pulled(distance: f64, pull: f64) -> Self {
        Self { slope: pull * distance, curvature: pull }
    }

    /// Takes in a case in which the number counts `value` times, and whose log-odds are `sum` so far.
    pub(super) fn add(&mut self, value: f64, sum: f64, is_true: bool) {
        self.slope += value * (logistic(sum) - f64::from(u8::from(is_true)));
        self.curvature += 0.25 * value * value;
    }

    /// The way to the minimum.
    pub(super) fn step(self) -> f64 {
        -self.slope / self.curvature
    }
}
