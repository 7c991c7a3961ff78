//! The end of the demo: the review app on its desk, with a link for each of the people in it.

use std::sync::{Arc, Mutex};

use domain::Clock as _;
use pipeline::Desk;
use web::{Accounts, EvidencePlace, Language, Role};

use super::{INVESTIGATOR, LIAISON};
use crate::clock::SystemClock;
use crate::commands::serve::{ANY_PORT, SystemRandom, serving};
use crate::commands::stop::told_to_end;
use crate::commands::{runtime, scan};
use crate::output::Output;

/// The people of the demo.
const PEOPLE: [(&str, &str, &[Role]); 3] = [
    ("olena", INVESTIGATOR, &[Role::Investigator, Role::Analyst, Role::Admin]),
    ("mihai", LIAISON, &[Role::Liaison]),
    ("partner", "Partner Example", &[Role::Partner]),
];

/// Serves the app until somebody presses Ctrl-C. The sample sites stay up beside it.
pub(super) fn serve(desk: Desk, sites: &str, output: &mut Output) -> anyhow::Result<()> {
    let accounts = Accounts::of(desk.dir());
    for (login, name, roles) in PEOPLE {
        // Nobody uses the invitation: the demo's people come in by links of their own.
        web::add_account(
            &accounts,
            login,
            name,
            roles,
            Language::En,
            &SystemRandom,
            SystemClock.now(),
        )?;
    }
    let desk = Arc::new(Mutex::new(desk));
    let runtime = runtime()?;
    let evidence = EvidencePlace { listen: ANY_PORT, url: None };
    let logins = PEOPLE.map(|(login, ..)| login.to_owned()).to_vec();
    let app =
        runtime.block_on(web::listen(serving(desk.clone(), None, evidence, logins), ANY_PORT))?;
    let address = app.address;
    output.line(format!("\n== The review app\nhttp://{address}"))?;
    output.line("Open one of these links; each lets one person in, once:")?;
    for ((_, name, roles), path) in PEOPLE.iter().zip(&app.links) {
        let roles: Vec<_> = roles.iter().map(|role| role.name()).collect();
        output.line(format!("  {name:<16} http://{address}{path}  ({})", roles.join(", ")))?;
    }
    output.line(format!(
        "The app and the sample sites at http://{sites} stay up until you press Ctrl-C."
    ))?;
    output.flush()?;
    runtime.block_on(app.run(told_to_end()));
    drop(runtime);
    scan::close(desk)
}
