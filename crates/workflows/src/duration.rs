//! Durations as documents write them: `45d`, `10m`, `1s`.
