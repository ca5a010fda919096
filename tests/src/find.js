// Finds elements by role and accessible name. Covers what our own window uses, not the whole of the ARIA rules.
const roleBySelector = [
  ["a[href]", "link"],
  ["button, input[type=button], input[type=submit], summary", "button"],
  ["input[type=checkbox]", "checkbox"],
  ["input[type=radio]", "radio"],
  ["input[type=range]", "slider"],
  ["input[type=number]", "spinbutton"],
  ["input[type=search]", "searchbox"],
  ["input:not([type=hidden]), textarea, [contenteditable=true]", "textbox"],
  ["select", "combobox"],
  ["option", "option"],
  ["h1, h2, h3, h4, h5, h6", "heading"],
  ["dialog", "dialog"],
  ["nav", "navigation"],
  ["main", "main"],
  ["ul, ol", "list"],
  ["li", "listitem"],
  ["article", "article"],
  ["section[aria-label], section[aria-labelledby]", "region"],
  ["progress", "progressbar"],
  ["meter", "meter"],
  ["output", "status"],
  ["img[alt]", "img"],
];

// Everything else is named by its author or not at all.
const namedByContent = new Set(
  "button cell checkbox columnheader gridcell heading link menuitem option radio row switch tab tooltip".split(" "),
);

const plain = (text) => (text ?? "").replace(/\s+/g, " ").trim();

function roleOf(element) {
  const given = element.getAttribute("role");
  if (given) return given.split(" ")[0];
  const match = roleBySelector.find(([selector]) => element.matches(selector));
  return match ? match[1] : "";
}

function nameOf(element) {
  const ids = plain(element.getAttribute("aria-labelledby")).split(" ").filter(Boolean);
  const byIds = plain(ids.map((id) => document.getElementById(id)?.textContent).join(" "));
  if (byIds) return byIds;
  const label = plain(element.getAttribute("aria-label"));
  if (label) return label;
  const labels = plain([...(element.labels ?? [])].map((one) => one.textContent).join(" "));
  if (labels) return labels;
  const field = element.matches("input, textarea, select");
  const content = field ? (element.matches("[type=button], [type=submit]") ? element.value : "") : spoken(element);
  return (namedByContent.has(roleOf(element)) && plain(content)) ||
    plain(element.getAttribute("alt") ?? element.getAttribute("title") ?? element.placeholder);
}

// An element's text as it is read out: what is hidden from screen readers is not.
function spoken(node) {
  if (node.nodeType === Node.TEXT_NODE) return node.textContent;
  if (node.nodeType !== Node.ELEMENT_NODE || node.getAttribute("aria-hidden") === "true") return "";
  const label = node.getAttribute("aria-label") ?? node.getAttribute("alt");
  return label ? ` ${label} ` : [...node.childNodes].map(spoken).join("");
}

function shown(element) {
  return element.checkVisibility({ visibilityProperty: true }) && !element.closest("[aria-hidden=true], [inert]");
}

function found(role, name) {
  const pattern = /^\/(.*)\/$/.exec(name);
  const fits = pattern ? (text) => new RegExp(pattern[1]).test(text) : (text) => text === name;
  return [...document.querySelectorAll("*")].filter((one) => roleOf(one) === role && shown(one) && fits(nameOf(one)));
}

function described(element) {
  return element ? `${roleOf(element) || element.localName} "${nameOf(element)}"` : "";
}

function everything() {
  const all = [...document.querySelectorAll("*")];
  return all.filter((one) => roleOf(one) && nameOf(one) && shown(one)).map(described).join("\n");
}
