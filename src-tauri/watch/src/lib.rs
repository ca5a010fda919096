//! The watch: engine, tray, notifications, sound, hotkey and command line, and the door to the window. Nothing here
//! draws.

mod ack;
mod answers;
mod app;
mod autostart;
#[cfg(target_os = "linux")]
mod bus;
pub mod cli;
mod clipboard;
mod connect;
mod control;
mod desktop;
mod doctor;
mod door;
mod folder;
#[cfg(target_os = "linux")]
mod front;
mod handover;
mod hotkey;
mod incidents;
mod logs;
#[cfg(not(target_os = "linux"))]
pub mod native;
mod notify;
mod past;
mod playing;
#[cfg(target_os = "linux")]
mod power;
mod practice;
mod restart;
#[cfg(target_os = "linux")]
mod session;
mod sound;
mod start;
mod status;
mod stirring;
mod tray;
mod usage;
#[cfg(target_os = "linux")]
mod which;
mod window;
