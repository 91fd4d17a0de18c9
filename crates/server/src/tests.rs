//! Tests of the whole surface.
