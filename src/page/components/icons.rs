//! Signs, drawn as strokes that take the text's colour. Every level has a shape of its own, so that it is
//! told apart without its colour.

use yew::prelude::*;

use crate::verdict::Level;

/// A sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Icon {
    /// Two overlapping sheets.
    Copy,
    /// An arrow down to a line.
    Download,
    /// A tick.
    Check,
    /// A cross.
    Cross,
    /// A question mark in a broken circle.
    Unknown,
    /// An equals sign in a circle.
    Equal,
    /// A box with a tick.
    Box,
    /// A wavy equals sign in a circle.
    About,
    /// A triangle: delta.
    Delta,
    /// An octagon with an exclamation mark.
    Stop,
    /// A sun.
    Sun,
    /// A moon.
    Moon,
    /// Two columns.
    Columns,
    /// One column.
    Lines,
    /// An arrow to the right.
    Arrow,
    /// Two sliders.
    Sliders,
    /// Two arrows, up and down.
    Expand,
}

/// The sign of a level.
pub fn of_level(level: Level) -> Icon {
    match level {
        Level::Identical => Icon::Equal,
        Level::Repackaged => Icon::Box,
        Level::Cosmetic => Icon::About,
        Level::Changed => Icon::Delta,
        Level::Breaking => Icon::Stop,
        Level::Unknown => Icon::Unknown,
    }
}

/// Draws it. Decoration: what it means stands beside it in words.
pub fn icon(icon: Icon) -> Html {
    let (path, broken) = match icon {
        Icon::Download => ("M12 4v11M7 10.500l5 5 5-5M5 20h14", false),
        Icon::Copy => ("M9 9h10v11H9zM6 15H5V4h10v2", false),
        Icon::Sliders => (
            "M4 7h7.500M17.500 7H20M14.500 4.500a2.500 2.500 0 1 0 0 5a2.500 2.500 0 0 0 0-5zM4 17h2.500M12.500 17H20M9.500 14.500a2.500 2.500 0 1 0 0 5a2.500 2.500 0 0 0 0-5z",
            false,
        ),
        Icon::Check => ("M5 12.5l4.5 4.5L19 7.5", false),
        Icon::Cross => ("M6.5 6.5l11 11M17.5 6.5l-11 11", false),
        Icon::Unknown => (
            "M12 3a9 9 0 1 1 0 18 9 9 0 1 1 0-18M9.3 9.6a2.7 2.7 0 1 1 4 2.4c-.9.5-1.3 1-1.3 1.9M12 16.8v.1",
            true,
        ),
        Icon::Equal => (
            "M12 3a9 9 0 1 1 0 18 9 9 0 1 1 0-18M8.2 10.2h7.6M8.2 13.8h7.6",
            false,
        ),
        Icon::Box => (
            "M12 3l8 4.2v9.6L12 21l-8-4.2V7.2zM4.3 7.3L12 11.4l7.7-4.1M12 11.4V21",
            false,
        ),
        Icon::About => (
            "M12 3a9 9 0 1 1 0 18 9 9 0 1 1 0-18M7.8 10.6q2.1-1.8 4.2 0t4.2 0M7.8 14.2q2.1-1.8 4.2 0t4.2 0",
            false,
        ),
        Icon::Delta => ("M12 4l9 16H3zM12 10v4.4M12 17v.1", false),
        Icon::Stop => (
            "M8.3 3h7.4L21 8.3v7.4L15.7 21H8.3L3 15.7V8.3zM12 7.5v5.6M12 16.3v.1",
            false,
        ),
        Icon::Sun => (
            "M12 8a4 4 0 1 1 0 8 4 4 0 1 1 0-8M12 2.500v2M12 19.500v2M2.500 12h2M19.500 12h2M5.300 5.300l1.400 1.400M17.300 17.300l1.400 1.400M5.300 18.700l1.400-1.400M17.300 6.700l1.400-1.400",
            false,
        ),
        Icon::Moon => (
            "M20 14.500A8.500 8.500 0 0 1 9.500 4a8.500 8.500 0 1 0 10.500 10.500z",
            false,
        ),
        Icon::Columns => ("M4 5h16v14H4zM12 5v14", false),
        Icon::Lines => ("M4 5h16v14H4zM7 9.500h10M7 14.500h6", false),
        Icon::Arrow => ("M4.500 12h15M13.500 6l6 6-6 6", false),
        Icon::Expand => ("M8 9l4-4 4 4M8 15l4 4 4-4", false),
    };
    html! {
        <svg class={classes!("icon", broken.then_some("broken"))} viewBox="0 0 24 24" width="24" height="24"
             aria-hidden="true" focusable="false">
            <path d={path} />
        </svg>
    }
}
