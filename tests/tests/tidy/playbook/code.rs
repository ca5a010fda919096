//! What the code says of the playbook's types: their keys and words, and the comments on them.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail, ensure};
use syn::{Attribute, Expr, Fields, GenericArgument, Item, Lit, Meta, PathArguments, Type};

use crate::Source;

/// What the code says of one type.
#[derive(Clone)]
pub struct Described {
    pub means: String,
    pub kind: Kind,
}

/// A struct or an enum of the rules.
#[derive(Clone)]
pub enum Kind {
    /// Its keys.
    Table(Vec<Key>),
    /// Its words, each with what it means.
    Words(Vec<(String, String)>),
}

/// One key of a table.
#[derive(Clone)]
pub struct Key {
    pub name: String,
    pub means: String,
    pub holds: Holds,
    /// Whether it may be left out where no default is laid under it.
    pub optional: bool,
}

/// What a key holds.
#[derive(Clone)]
pub enum Holds {
    Text,
    Number,
    Switch,
    List(Box<Holds>),
    Map(Box<Holds>, Box<Holds>),
    Named(String),
}

/// Every type of the core that can be read from a file, by its name.
pub struct Types(BTreeMap<String, Vec<Item>>);

impl Types {
    pub fn new(sources: &[Source]) -> Result<Self> {
        let mut types: BTreeMap<String, Vec<Item>> = BTreeMap::new();
        let core = |it: &&Source| it.path.starts_with("src-tauri/core/src/") && it.path.ends_with(".rs");
        for source in sources.iter().filter(core) {
            for item in syn::parse_file(&source.text).with_context(|| source.path.clone())?.items {
                let named = if let Item::Struct(it) = &item {
                    Some((&it.ident, &it.attrs))
                } else if let Item::Enum(it) = &item {
                    Some((&it.ident, &it.attrs))
                } else {
                    None
                };
                let Some((name, attributes)) = named else { continue };
                if attributes.iter().any(|it| list(it, "derive").iter().any(|word| word == "Deserialize")) {
                    types.entry(name.to_string()).or_default().push(item);
                }
            }
        }
        Ok(Self(types))
    }

    /// What the code says of `name`.
    pub fn of(&self, name: &str) -> Result<Described> {
        let found = self.0.get(name).with_context(|| format!("{name} is no type of the core that is read"))?;
        ensure!(found.len() == 1, "{name} is the name of more than one type");
        if let Item::Struct(it) = &found[0] {
            return Ok(Described { means: comment(&it.attrs), kind: Kind::Table(keys(name, it)?) });
        }
        let Item::Enum(it) = &found[0] else { bail!("{name} is neither struct nor enum") };
        serde(&it.attrs, &["rename_all"])?;
        let lower = it.attrs.iter().any(|it| raw(it, "serde").contains("\"lowercase\""));
        let word = |it: &syn::Variant| {
            let name = it.ident.to_string();
            (if lower { name.to_lowercase() } else { snake(&name) }, comment(&it.attrs))
        };
        Ok(Described { means: comment(&it.attrs), kind: Kind::Words(it.variants.iter().map(word).collect()) })
    }
}

fn keys(name: &str, of: &syn::ItemStruct) -> Result<Vec<Key>> {
    let Fields::Named(fields) = &of.fields else { bail!("{name} has no keys") };
    let by_itself = serde(&of.attrs, &["default", "deny_unknown_fields"])?.iter().any(|word| word == "default");
    let mut keys = vec![];
    for field in &fields.named {
        let own = serde(&field.attrs, &["default", "skip"])?;
        if own.iter().any(|word| word == "skip") {
            continue;
        }
        let (holds, option) = holds(&field.ty)?;
        let optional = by_itself || option || own.iter().any(|word| word == "default");
        let name = field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
        keys.push(Key { name, means: comment(&field.attrs), holds, optional });
    }
    Ok(keys)
}

/// `SectionName` as `section_name`.
pub fn snake(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

fn holds(of: &Type) -> Result<(Holds, bool)> {
    let Type::Path(path) = of else { bail!("a key holds what is no named type") };
    let last = path.path.segments.last().context("a type without a name")?;
    let inner = || -> Result<Vec<Holds>> {
        let PathArguments::AngleBracketed(all) = &last.arguments else { return Ok(vec![]) };
        let types = all.args.iter().filter_map(|it| if let GenericArgument::Type(it) = it { Some(it) } else { None });
        types.map(|it| Ok(holds(it)?.0)).collect()
    };
    let first = || inner()?.into_iter().next().context("of what?");
    Ok(match last.ident.to_string().as_str() {
        "String" => (Holds::Text, false),
        "u8" | "u16" | "u32" | "u64" => (Holds::Number, false),
        "bool" => (Holds::Switch, false),
        "Option" => (first()?, true),
        "Vec" | "BTreeSet" => (Holds::List(Box::new(first()?)), false),
        "BTreeMap" => {
            let mut both = inner()?.into_iter();
            let pair = both.next().zip(both.next()).context("a map of what?")?;
            (Holds::Map(Box::new(pair.0), Box::new(pair.1)), false)
        }
        name => (Holds::Named(name.to_owned()), false),
    })
}

/// The words of serde about a type or key; one that this reader does not understand must not pass unnoticed.
fn serde(attributes: &[Attribute], known: &[&str]) -> Result<Vec<String>> {
    let words: Vec<String> = attributes.iter().flat_map(|it| list(it, "serde")).collect();
    for word in &words {
        let shows = word == "skip_serializing_if" || known.contains(&word.as_str());
        ensure!(shows, "serde's {word} is not understood here");
    }
    Ok(words)
}

/// The first word of each part of an attribute: `default` of `#[serde(default = "x", skip)]`.
fn list(attribute: &Attribute, name: &str) -> Vec<String> {
    let raw = raw(attribute, name);
    let parts = raw.split(',').filter_map(|part| part.split('=').next());
    parts.map(|it| it.trim().to_owned()).filter(|it| !it.is_empty()).collect()
}

fn raw(attribute: &Attribute, name: &str) -> String {
    let Meta::List(it) = &attribute.meta else { return String::new() };
    if it.path.is_ident(name) { it.tokens.to_string() } else { String::new() }
}

fn comment(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(|it| {
        let Meta::NameValue(pair) = &it.meta else { return None };
        let Expr::Lit(value) = &pair.value else { return None };
        let Lit::Str(text) = &value.lit else { return None };
        pair.path.is_ident("doc").then(|| text.value().trim().to_owned())
    });
    lines.collect::<Vec<_>>().join(" ")
}
