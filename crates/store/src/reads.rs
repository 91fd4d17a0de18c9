//! The list of a store's reads, once, for stores that stand in front of another one.

/// Hands the signature of every read of [`Backend`](crate::Backend) to a macro of the
/// caller's, which writes the methods: a store that times, gates or fails another one
/// says in that macro what it does, and nothing else. A read that is missing here does
/// not compile there. The caller depends on `model` under that name.
#[macro_export]
macro_rules! each_read {
    ($write:ident) => {
        $write! {
            companies() -> Vec<$crate::Company>;
            company(named: &str) -> Option<$crate::Company>;
            audit(
                company: ::model::CompanyId, page: $crate::Page<::model::AuditId>
            ) -> $crate::PageOf<$crate::Audited>;
            api_key(hash: [u8; 32]) -> Option<$crate::ApiKey>;
            api_keys(company: ::model::CompanyId) -> Vec<$crate::ApiKey>;
            data_key(id: &str) -> Option<$crate::DataKey>;
            data_keys() -> Vec<$crate::DataKey>;
            connections(company: ::model::CompanyId) -> Vec<$crate::Connection>;
            connection(company: ::model::CompanyId, id: ::model::ConnectionId) -> Option<$crate::Connection>;
            connections_of_account(account: &::model::AccountId, mode: ::model::Mode) -> Vec<$crate::Connection>;
            account_holders(account: &::model::AccountId, mode: ::model::Mode) -> Vec<$crate::Holder>;
            connections_expiring(before: ::model::Timestamp, limit: u32) -> Vec<$crate::Connection>;
            authorization(state: [u8; 32]) -> Option<$crate::Authorization>;
            sources(company: Option<::model::CompanyId>) -> Vec<$crate::Source>;
            unclaimed(page: $crate::Page<::model::ReceiptId>) -> $crate::PageOf<$crate::Unclaimed>;
            unclaimed_accounts() -> Vec<$crate::UnclaimedOf>;
            claimable(limit: u32, after: Option<::model::ReceiptId>) -> Vec<$crate::Unclaimed>;
            secret(company: ::model::CompanyId, name: &str) -> Option<$crate::Secret>;
            workflows(company: ::model::CompanyId) -> Vec<$crate::Workflow>;
            workflow(company: ::model::CompanyId, id: ::model::WorkflowId) -> Option<$crate::Workflow>;
            workflow_by_key(company: ::model::CompanyId, key: &::model::WorkflowKey) -> Option<$crate::Workflow>;
            workflow_version(workflow: ::model::WorkflowId, version: u32) -> Option<$crate::WorkflowVersion>;
            workflow_versions(workflow: ::model::WorkflowId) -> Vec<$crate::WorkflowVersion>;
            receipt(id: ::model::ReceiptId) -> Option<$crate::Receipt>;
            receipts_of_event(company: ::model::CompanyId, event: &::model::EventId) -> Vec<$crate::Receipt>;
            receipts(
                company: ::model::CompanyId, filter: $crate::ReceiptFilter, page: $crate::Page<::model::ReceiptId>
            ) -> $crate::PageOf<$crate::Receipt>;
            to_dispatch(now: ::model::Timestamp, limit: u32) -> Vec<$crate::Receipt>;
            next_dispatch() -> Option<::model::Timestamp>;
            run(id: ::model::RunId) -> Option<$crate::Run>;
            run_of_cause(
                company: ::model::CompanyId, workflow: ::model::WorkflowId, cause: &::model::Cause
            ) -> Option<$crate::Run>;
            runs(
                company: ::model::CompanyId, filter: $crate::RunFilter, page: $crate::Page<::model::RunId>
            ) -> $crate::PageOf<$crate::Run>;
            open_runs() -> Vec<$crate::Run>;
            runs_of_receipt(receipt: ::model::ReceiptId) -> Vec<$crate::Run>;
            journal(run: ::model::RunId) -> Vec<$crate::JournalRow>;
            inputs(run: ::model::RunId) -> Vec<$crate::Input>;
            timers(run: ::model::RunId) -> Vec<$crate::Timer>;
            timers_due(by: ::model::Timestamp, limit: u32) -> Vec<$crate::Timer>;
            next_timer() -> Option<::model::Timestamp>;
            waits(run: ::model::RunId) -> Vec<$crate::Wait>;
            intent(key: &::model::IdempotencyKey) -> Option<$crate::Intent>;
            intent_of_call(company: ::model::CompanyId, call: ::model::CallId) -> Option<$crate::Intent>;
            intents_of_run(run: ::model::RunId) -> Vec<$crate::Intent>;
            open_intents() -> Vec<$crate::Intent>;
            unsettled_intents(company: ::model::CompanyId) -> u64;
            request_key(company: ::model::CompanyId, target: &str, key: &str) -> Option<$crate::RequestKey>;
            counts(mode: Option<::model::Mode>) -> Vec<(&'static str, u64)>;
        }
    };
}
