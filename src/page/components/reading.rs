//! By which way something was read, and what a registry says about requests that are left.

use crate::page::protocol::{Quota, Way};
use crate::page::words::{fill, words};
use crate::page::written;
use crate::registry::span;

/// A way in a few words.
pub fn way(way: &Way) -> String {
    let w = words();
    match way {
        Way::Direct => w.way_direct.to_owned(),
        Way::Relay => w.way_relay.to_owned(),
        Way::RelayAt(origin) => fill(w.way_relay_at, &[origin]),
        Way::Layout => w.way_layout.to_owned(),
        Way::Device => w.way_device.to_owned(),
        Way::Kept => w.way_kept.to_owned(),
    }
}

/// Both sides' ways; once where they are equal.
pub fn ways([left, right]: &[Way; 2]) -> String {
    match left == right {
        true => way(left),
        false => fill(words().ways_apart, &[&way(left), &way(right)]),
    }
}

/// `87 of 100 requests left, for 6 h`.
pub fn quota(quota: &Quota) -> String {
    let w = words();
    let remaining = written::count(quota.remaining);
    match (quota.limit, quota.window_s) {
        (Some(limit), Some(window)) => {
            let window = span(window.saturating_mul(1000));
            fill(w.quota_window, &[&remaining, &written::count(limit), &window])
        }
        (Some(limit), None) => fill(w.quota_of, &[&remaining, &written::count(limit)]),
        (None, _) => fill(w.quota_left, &[&remaining]),
    }
}
