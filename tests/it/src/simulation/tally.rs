//! What there was of crashes, faults and deliveries: a simulation that met little
//! proves little, so it says what it met.

use std::{collections::BTreeMap, fmt};

use super::{gate::Boundary, plan::Downtime, world::World};

/// Counts over one world or many.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Worlds.
    pub seeds: u32,
    /// Deaths by boundary.
    pub deaths: BTreeMap<Boundary, u32>,
    /// Deaths after which Stripe had forgotten every key.
    pub long_absences: u32,
    /// Units that were handed over and not on disk when the process died.
    pub units_lost: u64,
    /// Requests by the fault they met.
    pub faults: BTreeMap<String, u32>,
    /// What the post did.
    pub post: BTreeMap<&'static str, u32>,
    /// What the person decided.
    pub decisions: BTreeMap<&'static str, u32>,
    /// Runs audited.
    pub runs: u32,
    /// Runs that were canceled.
    pub canceled: u32,
}

impl Tally {
    /// The counts of one world.
    pub fn of(world: &World) -> Self {
        let mut tally = Self { seeds: 1, units_lost: world.memory().lost(), ..Self::default() };
        for (at, downtime) in world.deaths() {
            *tally.deaths.entry(at).or_default() += 1;
            tally.long_absences += u32::from(matches!(downtime, Downtime::BeyondTheKeys(_)));
        }
        for fault in world.sandbox.journal().into_iter().filter_map(|entry| entry.fault) {
            *tally.faults.entry(fault).or_default() += 1;
        }
        tally.post = world.record.promises().post.clone();
        tally.decisions = world.record.promises().decisions.clone();
        tally
    }

    /// Adds another's counts.
    pub fn add(&mut self, other: &Self) {
        self.seeds += other.seeds;
        self.long_absences += other.long_absences;
        self.units_lost += other.units_lost;
        self.runs += other.runs;
        self.canceled += other.canceled;
        for (at, n) in &other.deaths {
            *self.deaths.entry(*at).or_default() += n;
        }
        for (fault, n) in &other.faults {
            *self.faults.entry(fault.clone()).or_default() += n;
        }
        for (what, n) in &other.post {
            *self.post.entry(*what).or_default() += n;
        }
        for (what, n) in &other.decisions {
            *self.decisions.entry(*what).or_default() += n;
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} seeds, {} runs, of which {} were canceled", self.seeds, self.runs, self.canceled)?;
        writeln!(
            f,
            "deaths ({} of them followed by an absence beyond Stripe's memory of keys):",
            self.long_absences
        )?;
        for (at, n) in &self.deaths {
            writeln!(f, "  {n:>6}  {at}")?;
        }
        writeln!(f, "units that crashes took away: {}", self.units_lost)?;
        writeln!(f, "requests by the fault they met:")?;
        for (fault, n) in &self.faults {
            writeln!(f, "  {n:>6}  {fault}")?;
        }
        writeln!(f, "what the person decided:")?;
        for (what, n) in &self.decisions {
            writeln!(f, "  {n:>6}  {what}")?;
        }
        writeln!(f, "deliveries:")?;
        for (what, n) in &self.post {
            writeln!(f, "  {n:>6}  {what}")?;
        }
        Ok(())
    }
}
