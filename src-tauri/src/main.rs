//! Herald's window: draws what the watch tells it, and hands on what its user asks. It holds no truth.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod app;
mod front;
mod link;
#[cfg(not(target_os = "linux"))]
mod native;
#[cfg(target_os = "linux")]
mod started;

use std::process::ExitCode;

fn main() -> ExitCode {
    #[cfg(target_os = "linux")]
    {
        started::main()
    }
    // The whole of Herald: command line, watch and window in one process.
    #[cfg(not(target_os = "linux"))]
    {
        herald_watch::cli::main_around(native::run)
    }
}
