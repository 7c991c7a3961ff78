//! What people do with the program, from the outside.

mod assess;
mod crash;
mod damage;
mod demo;
mod eval;
mod fairness;
mod handover;
mod labelled;
mod mistakes;
mod outside_tools;
mod quiet;
mod real_input;
mod review;
mod rule_work;
mod schedules;
mod trusted_time;
