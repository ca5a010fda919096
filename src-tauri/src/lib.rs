//! The shell: command line, tray, window, notifications and sound around the engine.

mod ack;
mod app;
pub mod cli;
mod clipboard;
mod connect;
mod control;
mod desktop;
mod doctor;
mod folder;
mod incidents;
mod logs;
mod notify;
#[cfg(target_os = "linux")]
mod power;
mod practice;
mod restart;
mod revive;
mod sound;
mod status;
mod tray;
mod window;
