// Findings about a text: what their weight is called, and which one Ctrl J puts right next.
import type { LintView, LintWeight } from "../gen/types";
import type { IconName } from "../parts/Icon.svelte";

export const WEIGHT: Record<LintWeight, { words: string; icon: IconName }> = {
  block: { words: "Blocks publishing", icon: "cross" },
  confirm: { words: "To be confirmed", icon: "warn" },
  advice: { words: "Advice", icon: "info" },
};

/** What its button says. */
export function fixWords(lint: LintView): string {
  switch (lint.fix?.fix) {
    case "append_link":
      return "Add link";
    case "remove_link":
      return "Remove link";
    case "set_impact":
      return "Set status";
    case "replace_text":
      return "Shorten";
    case "drop_promise":
      return "Drop";
    case undefined:
      return "";
  }
}

export function nextFix(lints: readonly LintView[]): LintView | undefined {
  return lints.find((lint) => lint.fixed !== null);
}

/** The name under which a finding is ticked: another wording is another finding. */
export function lintKey(lint: LintView): string {
  return `${lint.rule} ${lint.says}`;
}
