//! Tests of the app as a whole, through its front door, without a network.

mod accounts;
mod api;
mod at_a_lead;
mod attacks;
mod evidence;
mod filters;
mod hand_over;
mod house;
mod log_in;
mod next_start;
mod rehash;
mod revisits;
mod rights;
mod slow;
mod trends;
mod work;

pub(crate) use house::Counting;
