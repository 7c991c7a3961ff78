//! What people do with the program, from the outside.

mod analytics;
mod assess;
mod crash;
mod damage;
mod demo;
mod eval;
mod fairness;
mod labelled;
mod mistakes;
mod outside_tools;
mod quiet;
mod real_input;
mod review;
mod rule_work;
mod schedules;
