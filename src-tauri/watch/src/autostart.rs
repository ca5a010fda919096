//! Whether Herald starts with the desktop: a file that desktops read when the user signs in. What is said of it is read
//! from that file each time, as others may change it, too.

use std::path::{Path, PathBuf};

use herald_engine::files;

use crate::{folder, restart};

/// Why it cannot be turned on here.
const NOT_HERE: &str =
    "Herald cannot turn that on here. Add it to the programs that your system starts when you sign in.";

/// Whether Herald starts with the desktop; absent where Herald cannot tell.
pub(crate) fn is_on() -> Option<bool> {
    file().map(|file| std::fs::read_to_string(file).is_ok_and(|text| holds(&text)))
}

/// Makes the Herald of this data folder start with the desktop, or no longer.
///
/// # Errors
/// Why not, for the user.
pub(crate) fn set(on: bool, data: &Path) -> Result<(), String> {
    let file = file().ok_or(NOT_HERE)?;
    let failed = |error: std::io::Error| format!("{} could not be changed: {error}.", file.display());
    if !on {
        return match std::fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(failed(error)),
            Ok(()) | Err(_) => Ok(()),
        };
    }
    let program = restart::program().ok_or("Herald does not know where its program lies.")?;
    let usual = folder::default().is_some_and(|usual| usual.canonicalize().unwrap_or(usual) == data);
    let text = entry(&program, (!usual).then_some(data)).ok_or(NOT_HERE)?;
    file.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| files::save(&file, &text)).map_err(failed)
}

/// The file, in the place that desktops of the freedesktop kind agree on.
fn file() -> Option<PathBuf> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    let env = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|it| it.is_absolute());
    let config = env("XDG_CONFIG_HOME").or_else(|| env("HOME").map(|home| home.join(".config")))?;
    Some(config.join("autostart").join("herald.desktop"))
}

/// Whether a desktop that reads this starts Herald.
fn holds(text: &str) -> bool {
    let says = |line: &str, key: &str, value: &str| {
        line.split_once('=').is_some_and(|(k, v)| k.trim() == key && v.trim().eq_ignore_ascii_case(value))
    };
    let off = |line: &str| says(line, "Hidden", "true") || says(line, "X-GNOME-Autostart-enabled", "false");
    text.lines().any(|line| line.trim_start().starts_with("Exec=")) && !text.lines().any(off)
}

fn entry(program: &Path, data: Option<&Path>) -> Option<String> {
    let mut exec = quoted(program)?;
    if let Some(data) = data {
        exec = format!("{exec} --data-dir {}", quoted(data)?);
    }
    Some(format!(
        "[Desktop Entry]\nType=Application\nName=Herald\nComment=Keeps watch over pages and public updates\nIcon=herald-window\n\
         Exec={exec} --hidden\nTerminal=false\n"
    ))
}

/// A path as an argument of `Exec`: quoted, and each backslash twice, as the file itself reads them once before.
fn quoted(path: &Path) -> Option<String> {
    let path = path.to_str().filter(|path| !path.contains(char::is_control))?;
    let mut quoted = String::from("\"");
    for sign in path.chars() {
        match sign {
            '"' | '`' | '$' => quoted.push_str("\\\\"),
            '\\' => quoted.push_str("\\\\\\"),
            '%' => quoted.push('%'),
            _ => {}
        }
        quoted.push(sign);
    }
    quoted.push('"');
    Some(quoted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_desktops_read() {
        let text = entry(Path::new("/opt/my apps/100%/he\"rald"), Some(Path::new("/data"))).expect("a path");
        assert!(text.contains("\nExec=\"/opt/my apps/100%%/he\\\\\"rald\" --data-dir \"/data\" --hidden\n"), "{text}");
        assert!(!entry(Path::new("/usr/bin/herald"), None).expect("a path").contains("--data-dir"));
        assert_eq!(entry(Path::new("/usr/bin/her\nald"), None), None, "a line of its own");
        for (more, expected) in [
            ("", true),
            ("Hidden=false\n", true),
            ("Hidden=true\n", false),
            ("X-GNOME-Autostart-enabled = False\n", false),
        ] {
            assert_eq!(holds(&format!("{text}{more}")), expected, "{more}");
        }
        assert!(!holds(""), "an empty file starts nothing");
    }
}
