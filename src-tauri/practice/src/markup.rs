//! Texts for feeds and web pages.

/// Writes a web page that stands in for the real one, so that links lead somewhere.
pub(crate) fn web_page(title: &str, paragraphs: &[String]) -> String {
    let title = markup(title);
    let body: String = paragraphs.iter().map(|text| format!("<p>{}", markup(text))).collect();
    format!(
        "<!doctype html><meta charset=utf-8><title>{title}</title>\
         <body style=\"font:16px system-ui;max-width:40em;margin:4em auto\">\
         <p>PRACTICE WORLD<h1>{title}</h1>{body}"
    )
}

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
