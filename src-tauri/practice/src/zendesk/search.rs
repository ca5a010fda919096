//! What a search finds: a few of Zendesk's words, as far as anybody here searches with them.

use super::tickets::{Desk, Ticket, number_of};

/// Lists the tickets that a search finds, oldest first. Words that this world does not know limit nothing.
///
/// Source: support.zendesk.com, "Zendesk Support search reference": `type:`, `tags:`, `status:`, `-` excludes, plain words
/// are looked for in the text. One thing is this world's own, and a guess that no promise rests on: where a tag with the
/// number of an incident is excluded, only tickets about that incident are found, so that two incidents do not count the
/// same customers.
pub(super) fn find<'a>(desk: &'a Desk, text: &str) -> Vec<&'a Ticket> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let tickets_too = words.iter().all(|word| word.strip_prefix("type:").is_none_or(|kind| kind == "ticket"));
    desk.tickets.iter().filter(|ticket| tickets_too && words.iter().all(|word| fits(ticket, word))).collect()
}

fn fits(ticket: &Ticket, word: &str) -> bool {
    let (word, excluded) = word.strip_prefix('-').map_or((word, false), |word| (word, true));
    let word = word.to_lowercase();
    let of = |name: &str| word.strip_prefix(name).map(|value| value.trim_matches('"').to_owned());
    let has = if let Some(tag) = of("tags:") {
        let about = number_of(&tag);
        if excluded && about.is_some() && ticket.about != about {
            return false;
        }
        ticket.tags.contains(&tag)
    } else if let Some(status) = of("status:") {
        ticket.status == status
    } else if word.contains(':') || word.contains('>') || word.contains('<') {
        return true;
    } else {
        let text = format!("{} {}", ticket.subject, ticket.description).to_lowercase();
        text.contains(word.trim_matches('"'))
    };
    has != excluded
}
