//! One row a currency: what Stripe's page on currencies says of each
//! (docs.stripe.com/currencies as of July 2026; the codes are those that Stripe's own
//! refusal of an unknown currency lists, without what is no money any more).
//!
//! Not ISO's table: Stripe counts ISK and UGX in hundredths that nobody can charge, and
//! the last digit of a three-decimal amount is always 0.

/// A currency's facts. Amounts are minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Row {
    pub(super) code: &'static str,
    pub(super) exponent: u32,
    /// What an amount to be paid must be a multiple of.
    pub(super) step: i64,
    /// The same for a payout.
    pub(super) payout_step: i64,
    /// The least charge into a bank account of this currency; 0 where none is named.
    pub(super) least: i64,
    /// How many digits an amount may have.
    pub(super) digits: u32,
}

const fn two(code: &'static str) -> Row {
    Row { code, exponent: 2, step: 1, payout_step: 1, least: 0, digits: 8 }
}

const fn zero(code: &'static str) -> Row {
    Row { exponent: 0, ..two(code) }
}

const fn three(code: &'static str) -> Row {
    Row { exponent: 3, step: 10, payout_step: 10, ..two(code) }
}

impl Row {
    /// Has hundredths on the wire only, for the sake of older integrations.
    const fn whole(self) -> Self {
        Self { step: 100, payout_step: 100, ..self }
    }

    /// Is charged in hundredths and paid out in whole units.
    const fn paid_out_whole(self) -> Self {
        Self { payout_step: 100, ..self }
    }

    const fn least(self, least: i64) -> Self {
        Self { least, ..self }
    }

    const fn digits(self, digits: u32) -> Self {
        Self { digits, ..self }
    }
}

/// By code.
pub(super) static TABLE: &[Row] = &[
    two("aed").least(200),
    two("afn"),
    two("all"),
    two("amd"),
    two("ang"),
    two("aoa"),
    two("ars").least(50),
    two("aud").least(50),
    two("awg"),
    two("azn"),
    two("bam"),
    two("bbd"),
    two("bdt"),
    two("bgn"),
    three("bhd"),
    zero("bif"),
    two("bmd"),
    two("bnd"),
    two("bob"),
    two("brl").least(50),
    two("bsd"),
    two("btn"),
    two("bwp"),
    two("byn"),
    two("bzd"),
    two("cad").least(50),
    two("cdf"),
    two("chf").least(50),
    zero("clp"),
    two("cny"),
    two("cop").least(50).digits(10),
    two("crc"),
    two("cve"),
    two("czk").least(1_500),
    zero("djf"),
    two("dkk").least(250),
    two("dop"),
    two("dzd"),
    two("egp"),
    two("etb"),
    two("eur").least(50),
    two("fjd"),
    two("fkp"),
    two("gbp").least(30),
    two("gel"),
    two("ghs"),
    two("gip"),
    two("gmd"),
    zero("gnf"),
    two("gtq"),
    two("gyd"),
    two("hkd").least(400),
    two("hnl"),
    two("hrk"),
    two("htg"),
    two("huf").paid_out_whole().least(17_500),
    two("idr").least(50).digits(12),
    two("ils").least(50),
    two("inr").least(50).digits(9),
    two("isk").whole(),
    two("jmd"),
    three("jod"),
    zero("jpy").least(50),
    two("kes"),
    two("kgs"),
    two("khr"),
    zero("kmf"),
    zero("krw").least(50),
    three("kwd"),
    two("kyd"),
    two("kzt"),
    two("lak"),
    two("lbp"),
    two("lkr"),
    two("lrd"),
    two("lsl"),
    two("mad"),
    two("mdl"),
    zero("mga"),
    two("mkd"),
    two("mmk"),
    two("mnt"),
    two("mop"),
    two("mur"),
    two("mvr"),
    two("mwk"),
    two("mxn").least(1_000),
    two("myr").least(200),
    two("mzn"),
    two("nad"),
    two("ngn"),
    two("nio"),
    two("nok").least(300),
    two("npr"),
    two("nzd").least(50),
    three("omr"),
    two("pab"),
    two("pen"),
    two("pgk"),
    two("php").least(50),
    two("pkr"),
    two("pln").least(200),
    zero("pyg"),
    two("qar"),
    two("ron").least(200),
    two("rsd"),
    two("rub").least(50),
    zero("rwf"),
    two("sar"),
    two("sbd"),
    two("scr"),
    two("sek").least(300),
    two("sgd").least(50),
    two("shp"),
    two("sle"),
    two("sos"),
    two("srd"),
    two("std"),
    two("szl"),
    two("thb").least(1_000),
    two("tjs"),
    three("tnd"),
    two("top"),
    two("try"),
    two("ttd"),
    two("twd").paid_out_whole(),
    two("tzs"),
    two("uah"),
    two("ugx").whole(),
    two("usd").least(50),
    two("uyu"),
    two("uzs"),
    zero("vnd"),
    zero("vuv"),
    two("wst"),
    zero("xaf"),
    two("xcd"),
    two("xcg"),
    zero("xof"),
    zero("xpf"),
    two("yer"),
    two("zar").least(50),
    two("zmw"),
];
