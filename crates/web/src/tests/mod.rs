//! Tests of the app as a whole, through its front door, without a network.

mod accounts;
mod attacks;
mod house;
mod log_in;
mod rights;
mod slow;
mod work;

pub(crate) use house::Counting;
