//! The one table of rights: every route, who may take it, and what stands behind it. A route that
//! is not in it does not exist; a test walks every line with every role.

use axum::Router;
use axum::http::{Method, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, get, post};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;

use crate::accounts::{Role, Scope};
use crate::api;
use crate::app::App;
use crate::assets;
use crate::guard::guard;
use crate::listen::Patience;
use crate::pages::{
    attachments, audit, decide, evidence, hand_over, hands, home, lead, live, log_in, queue,
    queue_bulk, rules, settings, sources, tasks, tips, tokens, trends, users, verify, views,
    welcome,
};
use crate::refusal::Refusal;
use crate::upload;

/// Who sees leads.
pub(crate) const REVIEWERS: &[Role] = &[Role::Analyst, Role::Investigator, Role::Liaison];
const ADMINS: &[Role] = &[Role::Admin];
/// Who sends tips.
const PARTNERS: &[Role] = &[Role::Partner];
/// Who works on leads.
const DECIDERS: &[Role] = &[Role::Investigator];
/// Who sees how sources do.
const SOURCE_READERS: &[Role] = &[Role::Analyst, Role::Investigator, Role::Admin];
/// Who reads the log.
const LOG_READERS: &[Role] = &[Role::Investigator, Role::Liaison, Role::Admin];

/// Who may take a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Also who is not logged in.
    Everyone,
    /// Whoever is logged in.
    SignedIn,
    /// Whoever has one of these roles.
    Roles(&'static [Role]),
}

/// One line of the table.
pub(crate) struct Right {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) access: Access,
    /// What a key needs besides; none opens the route to keys at all.
    pub(crate) scope: Option<Scope>,
    /// Takes forms with files. Their secret is looked at where they are read.
    pub(crate) takes_files: bool,
}

struct Route {
    right: Right,
    handler: MethodRouter<App>,
}

fn read(path: &'static str, access: Access, handler: MethodRouter<App>) -> Route {
    let right = Right { method: Method::GET, path, access, scope: None, takes_files: false };
    Route { right, handler }
}

fn write(path: &'static str, access: Access, handler: MethodRouter<App>) -> Route {
    let right = Right { method: Method::POST, path, access, scope: None, takes_files: false };
    Route { right, handler }
}

impl Route {
    /// Opens the route to keys of this scope.
    fn for_keys(mut self, scope: Scope) -> Self {
        self.right.scope = Some(scope);
        self
    }

    /// Has the route take files; what stands behind it reads forms as [`upload::Upload`].
    fn with_files(mut self) -> Self {
        self.right.takes_files = true;
        self.handler = upload::limited(self.handler);
        self
    }
}

fn routes() -> Vec<Route> {
    use Access::{Everyone, Roles, SignedIn};
    vec![
        read("/assets/{name}", Everyone, get(assets::asset)),
        read("/login", Everyone, get(log_in::form)),
        write("/login", Everyone, post(log_in::log_in)),
        read("/welcome/{secret}", Everyone, get(welcome::form)),
        write("/welcome/{secret}", Everyone, post(welcome::accept)),
        read("/enter/{secret}", Everyone, get(log_in::enter_form)),
        write("/enter/{secret}", Everyone, post(log_in::enter)),
        read("/", SignedIn, get(home::home)),
        write("/logout", SignedIn, post(log_in::log_out)),
        write("/break", SignedIn, post(home::took_break)),
        read("/settings", SignedIn, get(settings::page)),
        write("/settings", SignedIn, post(settings::save)),
        write("/settings/password", SignedIn, post(settings::change_password)),
        read("/queue", Roles(REVIEWERS), get(queue::page)),
        read("/queue/next", Roles(REVIEWERS), get(queue::next)),
        read("/queue/live", Roles(REVIEWERS), get(live::live)),
        write("/queue/dismiss", Roles(DECIDERS), post(queue_bulk::dismiss)),
        write("/queue/withdraw", Roles(DECIDERS), post(queue_bulk::withdraw)),
        write("/queue/views", Roles(REVIEWERS), post(views::save)),
        write("/queue/views/delete", Roles(REVIEWERS), post(views::delete)),
        read("/leads/{id}", Roles(REVIEWERS), get(lead::show)),
        write("/leads/{id}/claim", Roles(DECIDERS), post(decide::claim)),
        write("/leads/{id}/release", Roles(DECIDERS), post(decide::release)),
        write("/leads/{id}/note", Roles(REVIEWERS), post(decide::note)),
        write("/leads/{id}/task", Roles(REVIEWERS), post(tasks::set)),
        write("/leads/{id}/task/done", Roles(REVIEWERS), post(tasks::done)),
        write("/leads/{id}/decide", Roles(DECIDERS), post(decide::decide)),
        write("/leads/{id}/withdraw", Roles(DECIDERS), post(decide::withdraw)),
        write("/leads/{id}/split", Roles(DECIDERS), post(hands::split)),
        write("/leads/{id}/merge", Roles(DECIDERS), post(hands::merge)),
        write("/leads/{id}/reveal", Roles(REVIEWERS), post(decide::reveal)),
        write("/leads/{id}/verify", Roles(REVIEWERS), post(verify::verify)),
        read("/leads/{id}/evidence/{number}", Roles(REVIEWERS), get(evidence::page)),
        read("/leads/{id}/files/{posting}/{number}", Roles(REVIEWERS), get(attachments::download)),
        write("/leads/{id}/files", Roles(REVIEWERS), post(attachments::add)).with_files(),
        read("/leads/{id}/packet", Roles(hand_over::HANDERS), get(hand_over::download)),
        write("/leads/{id}/approve", Roles(hand_over::HANDERS), post(hand_over::approve)),
        write("/leads/{id}/packet", Roles(hand_over::HANDERS), post(hand_over::build)),
        read("/tips", Roles(PARTNERS), get(tips::page)),
        write("/tips", Roles(PARTNERS), post(tips::send)).with_files(),
        read("/sources", Roles(SOURCE_READERS), get(sources::page)),
        write("/sources", Roles(sources::KEEPERS), post(sources::add)),
        write("/sources/test", Roles(sources::KEEPERS), post(sources::test)),
        write("/sources/scan", Roles(sources::KEEPERS), post(sources::scan)),
        read("/rules", Roles(REVIEWERS), get(rules::list)),
        read("/rules/try", Roles(REVIEWERS), get(rules::try_form)),
        write("/rules/try", Roles(REVIEWERS), post(rules::try_text)),
        read("/rules/{sign}", Roles(REVIEWERS), get(rules::sign)),
        read("/trends", Roles(REVIEWERS), get(trends::page)),
        write("/trends", Roles(REVIEWERS), post(trends::bring_up_to_date)),
        read("/audit", Roles(LOG_READERS), get(audit::page)),
        write("/settings/tokens", SignedIn, post(tokens::make)),
        write("/settings/tokens/revoke", SignedIn, post(tokens::revoke)),
        read("/api/v1/openapi.json", Everyone, get(api::openapi::serve)),
        read("/api/v1/leads", Roles(REVIEWERS), get(api::leads::list)).for_keys(Scope::Read),
        read("/api/v1/leads/{id}", Roles(REVIEWERS), get(api::leads::show)).for_keys(Scope::Read),
        write("/api/v1/leads/{id}/claim", Roles(DECIDERS), post(api::decide::claim))
            .for_keys(Scope::Decide),
        write("/api/v1/leads/{id}/release", Roles(DECIDERS), post(api::decide::release))
            .for_keys(Scope::Decide),
        write("/api/v1/leads/{id}/note", Roles(REVIEWERS), post(api::decide::note))
            .for_keys(Scope::Decide),
        write("/api/v1/leads/{id}/decide", Roles(DECIDERS), post(api::decide::decide))
            .for_keys(Scope::Decide),
        write("/api/v1/assess", Roles(REVIEWERS), post(api::leads::assess)).for_keys(Scope::Read),
        read("/api/v1/sources", Roles(SOURCE_READERS), get(api::sources::list))
            .for_keys(Scope::Read),
        write("/api/v1/tips", Roles(PARTNERS), post(api::tips::send)).for_keys(Scope::Tip),
        read("/api/v1/events", Roles(REVIEWERS), get(live::live)).for_keys(Scope::Read),
        read("/users", Roles(ADMINS), get(users::list)),
        write("/users", Roles(ADMINS), post(users::add)),
        write("/users/{login}/disable", Roles(ADMINS), post(users::disable)),
        write("/users/{login}/enable", Roles(ADMINS), post(users::enable)),
    ]
}

static RIGHTS: std::sync::LazyLock<Vec<Right>> =
    std::sync::LazyLock::new(|| routes().into_iter().map(|route| route.right).collect());

/// The line of the table for a route, by its pattern. HEAD asks what GET asks.
pub(crate) fn right_of(method: &Method, path: &str) -> Option<&'static Right> {
    let method = if *method == Method::HEAD { &Method::GET } else { method };
    RIGHTS.iter().find(|right| right.method == *method && right.path == path)
}

/// All lines, for those who look at the table as a whole.
#[cfg(test)]
pub(crate) fn all() -> &'static [Right] {
    &RIGHTS
}

/// The whole app.
pub(crate) fn router(app: App, patience: Patience) -> Router {
    let mut router = Router::new();
    for Route { right, handler } in routes() {
        router = router.route(right.path, handler);
    }
    router
        .fallback(|| async { Refusal::not_found() })
        .layer(from_fn_with_state(app.clone(), guard))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, patience.answer))
        .layer(CatchPanicLayer::new())
        .with_state(app)
}
