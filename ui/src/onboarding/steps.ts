// The steps of setting Herald up, in order, and what each is called.
import type { Onboarding } from "../gen/types";

export type Step = "connect" | Onboarding;

export const STEPS: readonly { step: Step; words: string }[] = [
  { step: "connect", words: "Connect" },
  { step: "schedules", words: "Shadow" },
  { step: "services", words: "Services" },
  { step: "playbook", words: "Playbook" },
  { step: "self_test", words: "Hear it" },
];

/** What comes after a step; nothing after the last. */
export function after(step: Step): Onboarding | null {
  const next = STEPS[STEPS.findIndex((it) => it.step === step) + 1]?.step;
  return next === undefined || next === "connect" ? null : next;
}

/** What came before it, as far as one can go back to it. */
export function before(step: Step): Onboarding | null {
  const previous = STEPS[STEPS.findIndex((it) => it.step === step) - 1]?.step;
  return previous === undefined || previous === "connect" ? null : previous;
}
