//! HTML as plain text. Only what is told is kept: nothing of it is ever drawn as HTML.

use std::borrow::Cow;

use quick_xml::escape::resolve_html5_entity;

use crate::lenient::is_web;

/// Longest reference to a sign, such as `&nbsp;`, in bytes.
const REFERENCE_MAX: usize = 32;
/// Longest tag that is taken for one, in bytes: what does not end by then is text.
const TAG_MAX: usize = 1024;
/// Longest HTML that is read, in bytes.
const HTML_MAX: usize = 128 * 1024;
/// Elements whose content is no text.
const UNSEEN: [&str; 4] = ["script", "style", "template", "iframe"];

/// A piece of HTML.
#[derive(Debug, PartialEq)]
pub(super) enum Piece<'a> {
    /// What is read, with its signs resolved.
    Text(Cow<'a, str>),
    /// A new line.
    Line,
    /// An element begins; its name, in lower case.
    Begin(String),
    /// An element ends.
    End(String),
}

/// All of the text.
pub(crate) fn text(html: &str) -> String {
    let mut text = String::new();
    for piece in pieces(html) {
        match piece {
            Piece::Text(it) => text.push_str(&it),
            Piece::Line => text.push('\n'),
            Piece::Begin(_) | Piece::End(_) => {}
        }
    }
    text
}

/// The pieces in order. A link keeps its address behind its words, unless they are the address.
pub(super) fn pieces(html: &str) -> Vec<Piece<'_>> {
    let (mut pieces, mut rest) = (vec![], &html[..html.floor_char_boundary(HTML_MAX)]);
    let mut link: Option<(String, String)> = None;
    while !rest.is_empty() {
        let (text, after) = rest.split_at(rest.find('<').unwrap_or(rest.len()));
        if !text.is_empty() {
            let text = resolved(text);
            if let Some((_, words)) = &mut link {
                words.push_str(&text);
            }
            pieces.push(Piece::Text(text));
        }
        let Some((tag, after)) = tag(after) else {
            // A sign that begins no tag, as in "a < b".
            let (sign, after) = after.split_at(after.len().min(1));
            if !sign.is_empty() {
                pieces.push(Piece::Text(Cow::Borrowed(sign)));
            }
            rest = after;
            continue;
        };
        rest = after;
        let (ends, name) = (tag.starts_with('/'), name(tag));
        if !ends && UNSEEN.contains(&name.as_str()) {
            rest = behind(rest, &name);
            continue;
        }
        if name == "a" {
            if let Some((address, words)) = link.take().filter(|(address, words)| !words.contains(address.as_str())) {
                let space = if words.ends_with(' ') { "" } else { " " };
                pieces.push(Piece::Text(format!("{space}({address})").into()));
            }
            link = if ends { None } else { address(tag).map(|address| (address, String::new())) };
        }
        match name.as_str() {
            "br" | "p" | "div" | "li" | "tr" | "h1" | "h2" | "h3" | "h4" | "ul" | "ol" => pieces.push(Piece::Line),
            "" => {}
            _ => pieces.push(if ends { Piece::End(name) } else { Piece::Begin(name) }),
        }
    }
    pieces
}

/// A tag without its brackets, or a comment as nothing, and what follows. `html` begins with `<`, or is empty.
fn tag(html: &str) -> Option<(&str, &str)> {
    let inner = html.strip_prefix('<')?;
    if let Some(comment) = inner.strip_prefix("!--") {
        return Some(("", comment.split_once("-->").map_or("", |(_, after)| after)));
    }
    if !inner.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?')) {
        return None;
    }
    let inner_max = &inner[..inner.floor_char_boundary(TAG_MAX)];
    // A bracket within quotes does not end it; where the quotes do not end, the first bracket does.
    let mut quote = None;
    let end = inner_max.char_indices().find(|&(_, c)| match (quote, c) {
        (None, '>') => true,
        (None, '"' | '\'') => {
            quote = Some(c);
            false
        }
        (Some(open), _) if open == c => {
            quote = None;
            false
        }
        (None | Some(_), _) => false,
    });
    let end = end.map(|(at, _)| at).or_else(|| inner_max.find('>'))?;
    Some((&inner[..end], &inner[end + 1..]))
}

fn name(tag: &str) -> String {
    let tag = tag.trim_start_matches('/');
    let end = tag.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(tag.len());
    tag[..end].to_ascii_lowercase()
}

/// What follows the end of an element.
fn behind<'a>(html: &'a str, name: &str) -> &'a str {
    let ends = |at: &usize| {
        let close = html.get(at + 2..at + 2 + name.len());
        close.is_some_and(|close| close.eq_ignore_ascii_case(name))
    };
    let close = html.match_indices("</").map(|(at, _)| at).find(ends);
    close.and_then(|at| html[at..].split_once('>')).map_or("", |(_, after)| after)
}

/// Where a link leads; web addresses alone (H111).
fn address(tag: &str) -> Option<String> {
    let at = tag.to_ascii_lowercase().find("href")?;
    let value = tag[at + "href".len()..].trim_start().strip_prefix('=')?.trim_start();
    let value = match value.chars().next()? {
        quote @ ('"' | '\'') => value[1..].split(quote).next()?,
        _ => value.split_whitespace().next()?,
    };
    Some(resolved(value.trim()).into_owned()).filter(|url| is_web(url))
}

/// The text with its references to signs resolved, each once; what is none stays as it stands.
fn resolved(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let (mut plain, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let head = &rest[..rest.floor_char_boundary(REFERENCE_MAX)];
        match head.find(';').and_then(|end| Some((sign(&head[..end])?, end))) {
            Some((sign, end)) => {
                plain.push_str(&sign);
                rest = &rest[end + 1..];
            }
            None => plain.push('&'),
        }
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

fn sign(name: &str) -> Option<Cow<'static, str>> {
    let Some(number) = name.strip_prefix('#') else {
        // A space that does not break is a space.
        return if name == "nbsp" { Some(" ".into()) } else { resolve_html5_entity(name).map(Cow::Borrowed) };
    };
    let number = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => number.parse(),
    };
    let sign = char::from_u32(number.ok()?).unwrap_or(char::REPLACEMENT_CHARACTER);
    Some(if sign == '\u{a0}' { " ".into() } else { sign.to_string().into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_becomes_text() {
        for (html, expected) in [
            ("plain", "plain"),
            ("a<br />b<BR>c", "a\nb\nc"),
            ("<p>one</p>two", "\none\ntwo"),
            ("R&amp;D &lt;b&gt; &#39;x&#x27; &eacute;&nbsp;!", "R&D <b> 'x' é !"),
            ("&amp;lt;script&amp;gt;", "&lt;script&gt;"),
            ("a & b, AT&T; &unknown; &", "a & b, AT&T; &unknown; &"),
            ("&#0;&#xD800;&#99999999999;", "\0\u{fffd}&#99999999999;"),
            ("a < b > c", "a < b > c"),
            ("<script>alert('</p>')</script>on<style>p{}</style>", "on"),
            ("<SCRIPT>x</script >left", "left"),
            ("<script>never ends", ""),
            ("<!-- <b>no</b> -->yes<!-- open", "yes"),
            ("<img src=x onerror=\"alert('>')\">seen", "seen"),
            ("<a title='it's>here</a>", "here"),
            ("text <a", "text <a"),
            (
                "see <a href=\"https://a.example/1?x=1&amp;y=2\">the issue</a>.",
                "see the issue (https://a.example/1?x=1&y=2).",
            ),
            ("<a href='https://a.example/1'>https://a.example/1</a>", "https://a.example/1"),
            ("<a href=\"javascript:alert(1)\">click</a>", "click"),
            (
                "<a href=\"https://a.example\">one<a href='https://b.example'>two</a>",
                "one (https://a.example)two (https://b.example)",
            ),
            ("\u{202e}é<ü", "\u{202e}é<ü"),
        ] {
            assert_eq!(text(html), expected, "{html}");
        }
    }
}
