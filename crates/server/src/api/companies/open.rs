//! What of a company has not ended, which keeps it from being removed without force.
//!
//! Asked twice: before anything of it goes, and once more when the store refuses new rows
//! of it. Only the second answer cannot be overtaken by a write that begins.

use model::{Code, CompanyId, Failure};
use serde_json::json;

use crate::{App, failure::Refused};

/// When it is asked.
#[derive(Clone, Copy)]
pub(super) enum When {
    /// Nothing was removed.
    Before,
    /// The company takes nothing new any more, and its API keys are gone.
    Begun,
}

/// Refuses while something of the company is under way.
pub(super) async fn refuse(app: &App, company: CompanyId, when: When) -> Result<(), Refused> {
    let runs = app.store.open_runs().await?.iter().filter(|run| run.company == company).count();
    let writes = app.store.unsettled_intents(company).await?;
    if runs == 0 && writes == 0 {
        return Ok(());
    }
    let and = match when {
        When::Before => {
            "Nothing was removed. Cancel the runs and wait for the writes, or repeat with `?force=true`"
        }
        When::Begun => {
            "They began while the removal did, so it has stopped: the company's API keys are gone and it takes \
             nothing new, the rest of it is still there. Repeat the removal when they have ended, or with `?force=true`"
        }
    };
    let text = format!(
        "The company has {runs} runs that have not ended and {writes} writes whose outcome is not known. {and}: then \
         what they did at Stripe stays there, and nobody finishes or undoes it."
    );
    let details = json!({ "openRuns": runs, "openWrites": writes });
    Err(Failure::new(Code::Conflict, text).with_details(details).into())
}
