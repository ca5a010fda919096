//! The rows, in the order in which they are printed.

use crate::table::Beside::{Floor, Peer};
use crate::table::Row;
use crate::table::Target::{Floors, Most};
use crate::topic::Topic;

macro_rules! rows {
    ($($topic:ident { $($key:literal $what:literal, $unit:literal, $target:expr, [$($beside:expr),*];)+ })+) => {
        &[$($(Row { key: $key, what: $what, unit: $unit, target: $target, beside: &[$($beside),*], topic: Topic::$topic },)+)+]
    };
}

/// All of them. Floors: a tray item and nothing else, one call of `Notify`, an empty WebKitGTK window. Peer: Nagstamon.
pub const ROWS: &[Row] = rows! {
    Rest {
        "rest-memory" "memory of the watch at rest", "MB", Most(16.0), [Floor, Peer];
        "rest-cpu" "processor at rest, polling every 10 s", "s/h", Most(0.2), [Floor, Peer];
        "rest-wakeups" "wake-ups at rest", "/s", Most(0.5), [Floor, Peer];
    }
    Window {
        "memory-after-window" "memory of the watch after a window; floor: before it", "MB", Floors(1.05), [Floor];
        "memory-after-window-calling" "… after one that went while a page called", "MB", Floors(1.05), [Floor];
        "window-memory" "memory with the window open, 100 pages, 3 incidents", "MB", Most(200.0), [];
        "window-hidden-memory" "… kept hidden", "MB", Most(120.0), [];
    }
    Still {
        "window-incident-cpu" "processor, window open and still, one incident", "s/h", Most(8.0), [];
        "window-incident-wakeups" "wake-ups of the same", "/s", Most(5.0), [];
        "window-page-cpu" "processor, window open and still, a page calling", "s/h", Most(20.0), [];
        "window-page-wakeups" "wake-ups of the same", "/s", Most(12.0), [];
    }
    Status {
        "status-cpu" "herald status, processor", "ms", Most(4.0), [];
        "status-wall" "herald status, until it has ended", "ms", Most(10.0), [];
    }
    Start {
        "start-empty" "exec to tray icon", "ms", Most(20.0), [Floor, Peer];
        "start-past" "… with 1,000,000 past updates", "ms", Most(30.0), [Floor];
        "poll-empty" "exec to the first poll", "ms", Most(100.0), [];
        "poll-past" "… with 1,000,000 past updates (450 MB)", "ms", Most(100.0), [];
    }
    Answers {
        "answer-median" "answer to notification, median of 500", "ms", Most(1.5), [Floor];
        "answer-p99" "… the 99th of 100", "ms", Most(4.0), [Floor];
    }
    Crowd {
        "answer-crowd" "answer to notification, 1,000 incidents, median of 50", "ms", Most(20.0), [];
    }
    Polls {
        "poll-same" "processor for a poll of 10,000 pages, unchanged", "ms", Most(40.0), [Floor];
        "poll-changed" "… all changed", "ms", Most(120.0), [Floor];
    }
    Curves {
        "view-100" "view after one change, 100 incidents", "ms", Most(0.3), [];
        "view-1000" "… 1,000 incidents", "ms", Most(1.0), [];
    }
    Crowd {
        "view-size" "what the window gets after one change, 1,000 incidents", "kB", Most(20.0), [];
    }
    Keys {
        "key-cpu" "one keystroke, processor of all processes", "ms", Most(8.0), [];
        "key-saved" "… until it is saved", "ms", Most(160.0), [];
        "key-painted" "… until it is painted", "ms", Most(20.0), [];
        "hotkey-cold" "hotkey to caret painted, no window there", "ms", Floors(1.15), [Floor];
        "hotkey-warm" "… window kept", "ms", Most(30.0), [];
    }
    Curves {
        "search-rare" "search in 1,000,000 updates: a rare word", "ms", Most(10.0), [];
        "search-common" "… a word that all have", "ms", Most(10.0), [];
        "search-best" "… the same, best first", "ms", Most(10.0), [];
        "search-nothing" "… what nothing fits", "ms", Most(10.0), [];
        "figures-quarter" "key figures of a quarter, 100,000 updates", "ms", Most(10.0), [];
        "figures-years" "… of two years", "ms", Most(50.0), [];
    }
    Sizes {
        "size-watch" "program of the watch", "MB", Most(12.0), [Floor];
        "size-window" "program of the window", "MB", Most(16.0), [];
        "size-deb" "package (.deb)", "MB", Most(8.0), [];
    }
};
