//! Every item of the duty's handbook has its place in Herald, and it is still there.

use std::collections::BTreeSet;

use herald_tests::desktop::root;

/// How an item of the handbook is present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum As {
    /// Something that Herald does.
    Feature,
    /// A task of the checklist.
    Task,
    /// A text to start from.
    Template,
    /// A text to look things up in.
    Reference,
    /// A number, name or address of the playbook.
    Rule,
}

use As::{Feature, Reference, Rule, Task, Template};

/// The groups of the handbook: the first item of each, and how many there are.
const ITEMS: [(u32, u32); 12] =
    [(1, 5), (10, 4), (20, 5), (30, 8), (40, 9), (50, 7), (60, 6), (70, 2), (80, 3), (90, 1), (100, 4), (110, 2)];

const REFERENCE: &str = "src-tauri/engine/playbook/reference.toml";
const STAGES: &str = "src-tauri/engine/playbook/stages.toml";
const RULES: &str = "src-tauri/engine/playbook/default.toml";

/// Which item is where, and by which words it is found there.
const PLACES: &[(u32, As, &str, &str)] = &[
    (1, Reference, REFERENCE, "id = \"duty\""),
    (2, Reference, REFERENCE, "id = \"people\""),
    (2, Feature, "src-tauri/engine/src/gitlab/facts.rs", "IssueFact::Im"),
    (3, Reference, REFERENCE, "id = \"who-decides\""),
    (3, Feature, "src-tauri/core/src/incident/wish.rs", "Decide {"),
    (4, Reference, REFERENCE, "id = \"severity\""),
    (5, Reference, REFERENCE, "id = \"noise\""),
    (5, Feature, "src-tauri/core/src/page.rs", "grouped"),
    (10, Feature, "src-tauri/core/src/step/tracker.rs", "fn see_issue"),
    (10, Feature, "src-tauri/core/src/incident/wish.rs", "Open {"),
    (11, Reference, REFERENCE, "id = \"older-way\""),
    (12, Reference, REFERENCE, "id = \"are-we\""),
    (13, Reference, REFERENCE, "id = \"start\""),
    (20, Reference, REFERENCE, "id = \"page-meanings\""),
    (20, Feature, "ui/src/page/words.ts", "closed"),
    (21, Feature, "src-tauri/core/src/playbook.rs", "pub fn target"),
    (21, Feature, "src-tauri/core/src/kpi.rs", "H21"),
    (22, Feature, "src-tauri/core/src/step/answers.rs", "fn polled"),
    (23, Feature, "src-tauri/core/src/stage/reading.rs", "fn waits_for"),
    (23, Task, STAGES, "last = true"),
    (24, Feature, "src-tauri/core/src/permit.rs", "pub fn permit"),
    (30, Rule, RULES, "[updates.cadence_min.investigating]"),
    (30, Feature, "src-tauri/core/src/cadence.rs", "pub fn clock"),
    (31, Feature, "src-tauri/core/src/incident/published.rs", "pub fn published"),
    (31, Task, STAGES, "id = \"note-updates\""),
    (32, Feature, "src-tauri/core/src/post/promise.rs", "pub fn found"),
    (33, Feature, "src-tauri/core/src/incident.rs", "pub struct Moved"),
    (34, Feature, "src-tauri/core/src/incident/published.rs", "pub fn phase"),
    (35, Feature, "src-tauri/core/src/alarm/words.rs", "pub fn counts_words"),
    (36, Feature, "src-tauri/core/src/cadence.rs", "pub fn monitoring"),
    (37, Feature, "src-tauri/core/src/cadence/tests.rs", "Resolved"),
    (40, Feature, "src-tauri/core/src/post/weigh.rs", "pub fn"),
    (40, Rule, RULES, "[updates.limits]"),
    (41, Feature, "src-tauri/core/src/post/lint.rs", "H41"),
    (42, Template, RULES, "family = \"no material updates\""),
    (43, Template, RULES, "intend = "),
    (43, Feature, "src-tauri/core/src/intend.rs", "pub fn intention"),
    (44, Feature, "src-tauri/engine/src/store/history.rs", "search"),
    (45, Feature, "src-tauri/core/src/post/transition.rs", "H45"),
    (46, Feature, "src-tauri/core/src/draft.rs", "H46"),
    (47, Reference, REFERENCE, "id = \"scope\""),
    (48, Reference, REFERENCE, "id = \"voice\""),
    (48, Task, STAGES, "id = \"be-heard\""),
    (50, Task, STAGES, "id = \"engage\""),
    (51, Task, STAGES, "id = \"notify-stakeholders\""),
    (51, Reference, REFERENCE, "id = \"stakeholders\""),
    (52, Task, STAGES, "id = \"label-issue\""),
    (52, Feature, "src-tauri/core/src/errand.rs", "LabelIssue {"),
    (53, Task, STAGES, "id = \"create-tag\""),
    (53, Task, STAGES, "id = \"tag-tickets\""),
    (54, Rule, STAGES, "search = 'created>{hours}hours"),
    (55, Task, STAGES, "id = \"watch\""),
    (55, Feature, "src-tauri/core/src/incident/wish.rs", "Recurred"),
    (56, Task, STAGES, "id = \"publish-resolved\""),
    (56, Task, STAGES, "id = \"post-mortem\""),
    (60, Feature, "ui/src/ledger/PlanSheet.svelte", "H60"),
    (61, Feature, "src-tauri/core/src/ledger/when.rs", "H61"),
    (62, Feature, "src-tauri/core/src/ledger/wish.rs", "AutomationOff"),
    (63, Feature, "src-tauri/core/src/ledger/wish.rs", "MailsTwice"),
    (64, Feature, "src-tauri/core/src/ledger/wish.rs", "Amplified"),
    (65, Rule, RULES, "H65"),
    (70, Feature, "src-tauri/core/src/ledger.rs", "pub struct Contact"),
    (71, Feature, "ui/src/screens/Ledger.svelte", "H71"),
    (80, Feature, "src-tauri/core/src/handover.rs", "pub fn written"),
    (80, Template, RULES, "[handover]"),
    (81, Rule, RULES, "briefing = "),
    (81, Feature, "ui/src/screens/Handover.svelte", "briefing"),
    (82, Rule, RULES, "long_h = "),
    (82, Feature, "ui/src/duty/LongHint.svelte", "H82"),
    (90, Feature, "src-tauri/engine/src/store/kpi.rs", "H90"),
    (100, Feature, "src-tauri/core/src/training.rs", "pub enum TrainingKind"),
    (101, Feature, "src-tauri/core/src/training/score.rs", "pub fn score"),
    (102, Reference, REFERENCE, "id = \"schedule-zone\""),
    (103, Rule, RULES, "[[training.path]]"),
    (110, Rule, RULES, "[links]"),
    (110, Feature, "ui/src/settings/PlacesSection.svelte", "H110"),
    (111, Feature, "src-tauri/engine/src/lenient.rs", "H111"),
];

#[test]
fn every_item_of_the_handbook_is_somewhere() {
    let all: BTreeSet<u32> = ITEMS.iter().flat_map(|(first, count)| *first..first + count).collect();
    let placed: BTreeSet<u32> = PLACES.iter().map(|(item, ..)| *item).collect();
    assert_eq!(placed, all, "items without a place, or places of no item");
    for (item, kind, file, words) in PLACES {
        let text = std::fs::read_to_string(root().join(file)).unwrap_or_default();
        assert!(text.contains(words), "H{item} ({kind:?}) is to be in {file} as {words:?}");
    }
}
