//! How far a count can wander by chance.

/// A ratio with its interval.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Ratio {
    /// Now against the past; 1 is no change.
    pub value: f64,
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Fewest weeks of past to say anything from.
pub(crate) const FEWEST_WEEKS: usize = 4;

/// How a count of this week stands to those of the weeks before, each out of so many postings read.
///
/// Quasi-Poisson: the rate of the past is its count per posting read; its weeks' Pearson dispersion,
/// never taken below 1, widens the interval of the log ratio, with Student's t for the few weeks that
/// it is estimated from (McCullagh and Nelder, Generalized Linear Models, 1989, 6.2). Half a count is
/// added on both sides, so that none against some has a ratio too. `None` with less than four weeks.
pub(crate) fn against_past(now: (u64, u64), past: &[(u64, u64)]) -> Option<Ratio> {
    let weeks: Vec<(f64, f64)> = past
        .iter()
        .filter(|(_, read)| *read > 0)
        .map(|(count, read)| (*count as f64, *read as f64))
        .collect();
    if weeks.len() < FEWEST_WEEKS || now.1 == 0 {
        return None;
    }
    let count: f64 = weeks.iter().map(|(count, _)| count).sum();
    let read: f64 = weeks.iter().map(|(_, read)| read).sum();
    let rate = count / read;
    let apart = |(count, read): &(f64, f64)| {
        let expected = rate * read;
        if expected > 0.0 { (count - expected).powi(2) / expected } else { 0.0 }
    };
    let freedom = weeks.len() - 1;
    let dispersion = (weeks.iter().map(apart).sum::<f64>() / freedom as f64).max(1.0);
    let (y, past_y) = (now.0 as f64 + 0.5, count + 0.5);
    let log = (y / now.1 as f64).ln() - (past_y / read).ln();
    let error = (dispersion * (1.0 / y + 1.0 / past_y)).sqrt() * student(freedom);
    Some(Ratio { value: log.exp(), low: (log - error).exp(), high: (log + error).exp() })
}

/// The 97.5 % point of Student's t.
fn student(freedom: usize) -> f64 {
    const FEW: [f64; 12] =
        [12.71, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179];
    match freedom {
        0 => f64::INFINITY,
        1..=12 => FEW[freedom - 1],
        // Cornish and Fisher's expansion, good to three digits from here on.
        more => {
            let (z, n) = (1.959_964_f64, more as f64);
            z + (z.powi(3) + z) / (4.0 * n)
                + (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / (96.0 * n * n)
        }
    }
}

/// The natural logarithm of the gamma function, for x > 0 (Stirling's series after shifting up).
fn ln_gamma(mut x: f64) -> f64 {
    let mut shift = 0.0;
    while x < 8.0 {
        shift -= x.ln();
        x += 1.0;
    }
    let x2 = x * x;
    let series = 1.0 / (12.0 * x) - 1.0 / (360.0 * x * x2) + 1.0 / (1260.0 * x * x2 * x2);
    shift + (x - 0.5) * x.ln() - x + 0.5 * (2.0 * std::f64::consts::PI).ln() + series
}

/// The natural logarithm of the chance of `count` or more by a negative binomial of this mean, whose
/// rate has a relative variance of one by `shape`.
pub(crate) fn ln_upper_tail(count: f64, mean: f64, shape: f64) -> f64 {
    if count <= 0.0 {
        return 0.0;
    }
    let share = mean / (shape + mean);
    let first = ln_gamma(count + shape) - ln_gamma(shape) - ln_gamma(count + 1.0)
        + shape * (-share).ln_1p()
        + count * share.ln();
    let (mut term, mut sum, mut at) = (1.0, 1.0, count);
    while term > sum * 1e-12 && at - count < 100_000.0 {
        term *= (at + shape) / (at + 1.0) * share;
        sum += term;
        at += 1.0;
    }
    (first + f64::ln(sum)).min(0.0)
}

/// The Wilson score interval of a share, 95 %.
pub(crate) fn wilson(hits: u64, of: u64) -> Option<Ratio> {
    if of == 0 {
        return None;
    }
    let (z, n, p) = (1.96_f64, of as f64, hits as f64 / of as f64);
    let middle = (p + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let half = z / (1.0 + z * z / n) * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    Some(Ratio { value: p, low: (middle - half).max(0.0), high: (middle + half).min(1.0) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_are_those_of_the_negative_binomial() {
        // Of shape 1 it is geometric: 3 or more at mean 1 has the chance of one half to the third.
        assert!((ln_upper_tail(3.0, 1.0, 1.0).exp() - 0.125).abs() < 1e-9);
        assert!(ln_upper_tail(0.0, 1.0, 1.0).abs() < 1e-12);
        // Of a large shape it is Poisson's: 1 - exp(-2) * (1 + 2) for 2 or more at mean 2.
        let poisson = 1.0 - (-2.0_f64).exp() * 3.0;
        assert!((ln_upper_tail(2.0, 2.0, 1e7).exp() - poisson).abs() < 1e-5);
        // The wilder the rate, the likelier a far count.
        assert!(ln_upper_tail(20.0, 5.0, 2.0) > ln_upper_tail(20.0, 5.0, 50.0));
    }

    #[test]
    fn a_steady_past_gives_a_narrow_interval_and_a_wild_one_a_wide_one() {
        let steady: Vec<_> = [50, 52, 48, 51, 49, 50].map(|y| (y, 1000)).to_vec();
        let wild: Vec<_> = [5, 95, 20, 80, 10, 90].map(|y| (y, 1000)).to_vec();
        let calm = against_past((100, 1000), &steady).unwrap();
        let rough = against_past((100, 1000), &wild).unwrap();
        assert!(calm.low > 1.3 && calm.high < 3.0, "{calm:?}");
        assert!(rough.low < 1.0, "{rough:?}");
        assert!(against_past((100, 1000), &steady[..3]).is_none());
    }

    #[test]
    fn twice_as_many_read_is_no_rise() {
        let past: Vec<_> = [50, 52, 48, 51].map(|y| (y, 1000)).to_vec();
        let doubled = against_past((100, 2000), &past).unwrap();
        assert!(doubled.low < 1.0 && doubled.high > 1.0, "{doubled:?}");
    }

    #[test]
    fn steady_counts_leave_their_interval_seldom() {
        // Poisson weeks from a small generator: 95 % intervals are left by about one in twenty.
        let mut state = 7_u64;
        let mut uniform = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        let mut poisson = |mean: f64| {
            let (limit, mut product, mut count) = ((-mean).exp(), uniform(), 0_u64);
            while product > limit {
                product *= uniform();
                count += 1;
            }
            count
        };
        let mut left = 0;
        for _ in 0..2_000 {
            let past: Vec<_> = (0..12).map(|_| (poisson(20.0), 1000)).collect();
            let ratio = against_past((poisson(20.0), 1000), &past).unwrap();
            left += u32::from(ratio.low > 1.0 || ratio.high < 1.0);
        }
        assert!((20..=120).contains(&left), "{left} of 2000 left their interval");
    }

    #[test]
    fn shares_of_few_have_wide_intervals() {
        let few = wilson(4, 5).unwrap();
        assert!(few.low < 0.4 && few.high > 0.95, "{few:?}");
        assert!(wilson(0, 0).is_none());
    }
}
