//! Texts for feeds and web pages.

/// Puts a text into a CDATA section, without what XML cannot hold.
pub(crate) fn cdata(text: &str) -> String {
    format!("<![CDATA[{}]]>", legal(text).replace("]]>", "]]]]><![CDATA[>"))
}

/// Writes a text as markup shows it.
pub(crate) fn markup(text: &str) -> String {
    legal(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn legal(text: &str) -> String {
    let illegal =
        |c: char| (c.is_control() && !matches!(c, '\n' | '\r' | '\t')) || matches!(c, '\u{FFFE}' | '\u{FFFF}');
    text.chars().filter(|c| !illegal(*c)).collect()
}
