//! Tests of shifts.
