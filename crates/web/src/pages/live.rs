//! News for pages that stay open: server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream};
use tokio::sync::broadcast::error::RecvError;

use crate::app::App;
use crate::visit::Person;

/// A stream is ended after so long, and the browser asks anew: so nobody stays on it whose session
/// or account has ended.
const LONGEST: Duration = Duration::from_secs(600);

/// `GET /queue/live`: `lead` for each lead that is new or has changed, with its status and who has
/// claimed it; `lost` when some were missed.
pub(crate) async fn live(
    State(app): State<App>,
    _person: Person,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let ends = tokio::time::Instant::now() + LONGEST;
    let news = stream::unfold(app.board.listen(), move |mut listener| async move {
        let event = match tokio::time::timeout_at(ends, listener.recv()).await {
            Ok(Ok(news)) => {
                let data = serde_json::json!({
                    "lead": news.lead, "new": news.is_new, "status": news.status, "claimed_by": news.claimed_by,
                });
                Event::default().event("lead").data(data.to_string())
            }
            Ok(Err(RecvError::Lagged(_))) => Event::default().event("lost").data("{}"),
            Ok(Err(RecvError::Closed)) | Err(_) => return None,
        };
        Some((Ok(event), listener))
    });
    Sse::new(news).keep_alive(KeepAlive::new().interval(Duration::from_secs(20)))
}
