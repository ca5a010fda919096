//! The tray icon: draws the core's [`Tray`](herald_core::tray::Tray) and passes on what was chosen in it.

mod icons;
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

/// Carries out what was chosen in the tray.
pub(crate) type Act = Arc<dyn Fn(MenuAct) + Send + Sync>;
