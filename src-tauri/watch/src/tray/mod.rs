//! The tray icon: draws the core's [`Tray`](herald_core::tray::Tray) and passes on what was chosen in it.

pub(crate) mod icons;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod other;

use std::sync::Arc;

use herald_core::tray::MenuAct;
#[cfg(target_os = "linux")]
pub(crate) use linux::TrayIcon;
#[cfg(target_os = "linux")]
pub(crate) use linux::probe;
#[cfg(not(target_os = "linux"))]
pub(crate) use other::TrayIcon;
#[cfg(not(target_os = "linux"))]
pub(crate) use other::probe;

use herald_door::Token;

/// Carries out what was chosen in the tray, with the leave to come to the front that the desktop gave along.
pub(crate) type Act = Arc<dyn Fn(MenuAct, Option<Token>) + Send + Sync>;
