//! The shell: command line, tray, window, notifications, sound and hotkey around the engine.

mod ack;
mod app;
mod autostart;
pub mod cli;
mod clipboard;
mod connect;
mod control;
mod desktop;
mod doctor;
mod folder;
mod front;
mod handover;
mod history;
mod hotkey;
mod incidents;
mod logs;
mod mishap;
mod notify;
mod past;
mod playing;
#[cfg(target_os = "linux")]
mod power;
mod practice;
mod restart;
mod revive;
mod sound;
mod status;
mod training;
mod tray;
mod usage;
#[cfg(target_os = "linux")]
mod which;
mod window;
