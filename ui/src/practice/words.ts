// Training in words: kinds, difficulty, and what each promise came to.
import type { Score, ScoreKpi, TrainingKind } from "../gen/types";
import type { Scenario } from "../host";
import { span } from "../lib/time";

export const KINDS: { value: TrainingKind; words: string }[] = [
  { value: "tabletop", words: "Tabletop" },
  { value: "squawk", words: "Squawk" },
  { value: "incident", words: "Incident" },
  { value: "practice", words: "Practice" },
];

export const KIND: Record<TrainingKind, string> = {
  tabletop: "Tabletop exercise",
  squawk: "Squawk: a talk about the process",
  incident: "A real incident, as CMOC or shadow",
  practice: "Practice event",
};

export const DIFFICULTY: Record<Scenario["difficulty"], string> = { easy: "Easy", medium: "Medium", hard: "Hard" };

const length = (seconds: number) => span(seconds * 1000);

/** One promise: what it is, and what it came to. */
export function promise(kpi: ScoreKpi): { head: string; under: string } {
  const share = `${kpi.kept} of ${kpi.of}`;
  const worst = kpi.worst_s;
  switch (kpi.kind) {
    case "acknowledged": {
      const took = worst === null ? "" : `, the longest wait was ${length(worst)}`;
      return {
        head: "Pages taken in time",
        under: kpi.of === 0 ? "no page was yours to take" : `${share} within ${length(kpi.limit_s ?? 0)}${took}`,
      };
    }
    case "updates": {
      const late = worst === null || worst === 0 ? "" : `, the latest by ${length(worst)}`;
      return { head: "Updates in time", under: kpi.of === 0 ? "none was due" : `${share} in time${late}` };
    }
    case "stakeholders":
      return { head: "Stakeholders told", under: kpi.of === 0 ? "not measured here" : `${share} incidents` };
    case "handover":
      return {
        head: "Handover written",
        under: kpi.met === null ? "no shift was handed over" : kpi.met ? "it is there" : "it is missing",
      };
    case "closed_last":
      return {
        head: "Page closed last",
        under: kpi.of === 0 ? "no page to judge it by" : `${share} after everything else`,
      };
  }
}

/** The whole in a few words. */
export function verdict(score: Score): string {
  const counted = score.kpis.filter((kpi) => kpi.met !== null);
  const met = counted.filter((kpi) => kpi.met).length;
  return counted.length === 0 ? "nothing came up" : `${met} of ${counted.length} promises kept`;
}
