//! Herald on a real desktop: a screen, a bus, a notification daemon, a tray, a sound card, a keychain and a WebDriver.
//!
//! Each test has a desktop of its own and a practice PagerDuty inside this process. Every wait is for a condition;
//! reaching a deadline means a fault.

#[path = "desktop/apart.rs"]
mod apart;
#[path = "desktop/cli.rs"]
mod cli;
#[path = "desktop/crash.rs"]
mod crash;
#[path = "desktop/daemons.rs"]
mod daemons;
#[path = "desktop/desk.rs"]
mod desk;
#[path = "desktop/devices.rs"]
mod devices;
#[path = "desktop/disks.rs"]
mod disks;
#[path = "desktop/dunst.rs"]
mod dunst;
#[path = "desktop/front.rs"]
mod front;
#[path = "desktop/hotkey.rs"]
mod hotkey;
#[path = "desktop/kills.rs"]
mod kills;
#[path = "desktop/layouts.rs"]
mod layouts;
#[path = "desktop/manners.rs"]
mod manners;
#[path = "desktop/past.rs"]
mod past;
#[path = "desktop/pictures.rs"]
mod pictures;
#[path = "desktop/practising.rs"]
mod practising;
#[path = "desktop/secrets.rs"]
mod secrets;
#[path = "desktop/session.rs"]
mod session;
#[path = "desktop/settings.rs"]
mod settings;
#[path = "desktop/shadow.rs"]
mod shadow;
#[path = "desktop/single.rs"]
mod single;
#[path = "desktop/surroundings.rs"]
mod surroundings;
#[path = "desktop/taking.rs"]
mod taking;
#[path = "desktop/ten_seconds.rs"]
mod ten_seconds;
#[path = "desktop/threads.rs"]
mod threads;
#[path = "desktop/told.rs"]
mod told;
#[path = "desktop/update.rs"]
mod update;
#[path = "desktop/upgrade.rs"]
mod upgrade;
#[path = "desktop/whole_shift.rs"]
mod whole_shift;
#[path = "desktop/window.rs"]
mod window;
