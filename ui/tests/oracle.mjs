// Weighs texts with twitter-text itself, for tests/tests/weight.rs: the reference is not translated, it is run.
//   node oracle.mjs weigh          reads a JSON list of texts, writes what each weighs and which links it holds
//   node oracle.mjs suite FOLDER   writes the cases of the published conformance suite that say something about either
import { readFileSync } from "node:fs";
import twitter from "twitter-text";
import { parse } from "yaml";

const [mode, folder] = process.argv.slice(2);

function weigh(texts) {
  return texts.map((text) => ({
    text,
    weight: twitter.parseTweet(text).weightedLength,
    links: twitter.extractUrls(text.normalize()),
  }));
}

function suite() {
  const read = (name) => parse(readFileSync(`${folder}/${name}.yml`, "utf8")).tests;
  const { validate, extract, tlds } = { validate: read("validate"), extract: read("extract"), tlds: read("tlds") };
  const weights = [
    ...validate.WeightedTweetsWithDiscountedEmojiCounterTest,
    ...validate.UnicodeDirectionalMarkerCounterTest,
  ];
  const links = [...extract.urls, ...extract.tco_urls_with_params, ...tlds.country, ...tlds.generic];
  const placed = [...extract.urls_with_indices, ...extract.urls_with_directional_markers];
  return [
    ...weights.map((it) => ({ text: it.text, weight: it.expected.weightedLength })),
    ...links.map((it) => ({ text: it.text, links: it.expected })),
    ...placed.map((it) => ({ text: it.text, links: it.expected.map((link) => link.url) })),
  ];
}

const answer = mode === "suite" ? suite() : weigh(JSON.parse(readFileSync(0, "utf8")));
process.stdout.write(JSON.stringify(answer));
