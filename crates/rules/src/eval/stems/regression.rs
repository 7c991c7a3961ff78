//! Logistic regression over many sparse values, with each number pulled towards 0.

use super::super::descent::Parabola;

const MOST_SWEEPS: usize = 200;
const SMALLEST_STEP: f64 = 0.01;

/// One case: its values, and whether what is asked is true of it.
pub(super) struct Row {
    pub(super) values: Vec<(u32, f64)>,
    pub(super) is_true: bool,
}

/// The log-odds without any value, and what each value adds to them. `pulls` says how hard the number
/// of each is pulled.
pub(super) fn regression(rows: &[Row], pulls: &[f64]) -> (f64, Vec<f64>) {
    let mut places: Vec<Vec<(usize, f64)>> = vec![Vec::new(); pulls.len()];
    for (row, Row { values, .. }) in rows.iter().enumerate() {
        values.iter().for_each(|(number, value)| places[*number as usize].push((row, *value)));
    }
    let everywhere: Vec<(usize, f64)> = (0..rows.len()).map(|row| (row, 1.0)).collect();
    let mut fit = Fit { rows, sums: vec![0.0; rows.len()] };
    let (mut bias, mut weights) = (0.0, vec![0.0; pulls.len()]);
    for _ in 0..MOST_SWEEPS {
        let mut largest = fit.step(&mut bias, &everywhere, 0.0);
        for ((weight, places), pull) in weights.iter_mut().zip(&places).zip(pulls) {
            if !places.is_empty() {
                largest = largest.max(fit.step(weight, places, *pull));
            }
        }
        if largest < SMALLEST_STEP {
            break;
        }
    }
    (bias, weights)
}

struct Fit<'r> {
    rows: &'r [Row],
    /// By row, its log-odds so far.
    sums: Vec<f64>,
}

impl Fit<'_> {
    /// Moves one number downhill and tells how far.
    fn step(&mut self, number: &mut f64, places: &[(usize, f64)], pull: f64) -> f64 {
        let mut parabola = Parabola::pulled(*number, pull);
        for (row, value) in places {
            parabola.add(*value, self.sums[*row], self.rows[*row].is_true);
        }
        let step = parabola.step();
        *number += step;
        places.iter().for_each(|(row, value)| self.sums[*row] += value * step);
        step.abs()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_speaks_for_what_it_stands_beside_and_an_idle_one_for_nothing() {
        let row = |numbers: &[u32], is_true| Row {
            values: numbers.iter().map(|number| (*number, 0.5)).collect(),
            is_true,
        };
        let mut rows = Vec::new();
        for _ in 0..50 {
            rows.extend([
                row(&[0, 2], true),
                row(&[1, 2], false),
                row(&[0], true),
                row(&[], false),
            ]);
        }
        let (bias, weights) = regression(&rows, &[0.05; 4]);
        assert!(weights[0] > 3.0 && weights[1] < 0.0 && bias < 0.0, "{bias} {weights:?}");
        assert!(weights[2].abs() < weights[0] / 4.0, "{weights:?}");
        assert!(weights[3] == 0.0);
    }

    #[test]
    fn what_is_pulled_less_takes_more_of_what_two_values_say_together() {
        let both = |is_true| Row { values: vec![(0, 0.5), (1, 0.5)], is_true };
        let neither = || Row { values: Vec::new(), is_true: false };
        let rows: Vec<Row> = (0..50).flat_map(|_| [both(true), neither()]).collect();
        let (_, weights) = regression(&rows, &[0.2, 0.05]);
        assert!((weights[1] / weights[0] - 4.0).abs() < 0.5, "{weights:?}");
    }
}
