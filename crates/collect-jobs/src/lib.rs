//! Job-ad sources, one file each.
//!
//! This crate is for reading job ads out of public feeds and pages. It opens no connection of its
//! own: `collect` fetches and keeps the captures, and what is read here depends on them alone.
//!
//! ```
//! let kinds: Vec<_> = collect_jobs::collectors().iter().map(|c| c.kind()).collect();
//! assert_eq!(kinds, [
//!     "feed", "job-page", "sitemap", "page", "greenhouse", "lever", "smartrecruiters", "ashby", "adzuna",
//! ]);
//! ```

mod adzuna;
mod ashby;
mod board;
mod feed;
mod greenhouse;
mod job_page;
mod job_posting;
mod job_walk;
mod json_ld;
mod lever;
mod microdata;
mod page;
mod page_links;
mod page_selectors;
mod rdfa;
mod sitemap;
mod smartrecruiters;
mod stated_pay;
#[cfg(test)]
mod structured_reference;

use collect::Collector;

pub use adzuna::Adzuna;
pub use ashby::Ashby;
pub use feed::Feed;
pub use greenhouse::Greenhouse;
pub use job_page::JobPage;
pub use lever::Lever;
pub use page::Page;
pub use sitemap::Sitemap;
pub use smartrecruiters::SmartRecruiters;

/// The collectors of this crate.
pub fn collectors() -> Vec<Box<dyn Collector>> {
    vec![
        Box::new(Feed),
        Box::new(JobPage),
        Box::new(Sitemap),
        Box::new(Page),
        Box::new(Greenhouse),
        Box::new(Lever),
        Box::new(SmartRecruiters),
        Box::new(Ashby),
        Box::new(Adzuna),
    ]
}
