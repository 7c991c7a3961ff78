//! What people do with the program, from the outside.

mod analytics;
mod assess;
mod browser;
mod crash;
mod crowd;
mod damage;
mod demo;
mod eval;
mod fairness;
mod handed_files;
mod handover;
mod hostile;
mod labelled;
mod linking;
mod mistakes;
mod outside_tools;
mod politeness;
mod quiet;
mod real_input;
mod review;
mod rule_work;
mod schedules;
mod serve;
mod sources;
mod tips;
mod trusted_time;
