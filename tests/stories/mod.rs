//! What people do with the program, from the outside.

mod assess;
mod browser;
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
mod serve;
