// Training, practice and setting up, as the pretend host tells of them.
import type { Score, Training, TrainingView, TrainingWish } from "../gen/types";
import type { PracticeEvent, Scenario, ScheduleChoice } from ".";
import { at } from "./pretend-views";

export const SCENARIOS: Scenario[] = [
  {
    name: "single-page",
    title: "One page",
    description: "A page comes a few seconds after the start.",
    difficulty: "easy",
    objective: "Take the page within 15 minutes, and close it last.",
    trains: ["acknowledging", "closing the page last"],
    minutes: 1,
  },
  {
    name: "shy-im",
    title: "The incident manager is silent",
    description: "An S1 runs and its manager says nothing unless asked twice.",
    difficulty: "medium",
    objective: "Keep an S1 in the public eye although its manager says nothing.",
    trains: ["a silent incident manager", "I intend to…"],
    minutes: 31,
  },
  {
    name: "tools-fail",
    title: "The tools fail too",
    description: "GitLab is down, an answer of the status page is lost, Slack says wait.",
    difficulty: "hard",
    objective: "Keep customers informed while one tool after the other fails.",
    trains: ["a lost answer", "posting by hand"],
    minutes: 16,
  },
];

export const SCHEDULES: ScheduleChoice[] = [
  { id: "PPRIMARY", name: "CMOC primary, EMEA", policies: ["CMOC rotation"], mine: true },
  { id: "P1UHNJP", name: "CMOC shadow", policies: ["CMOC rotation"], mine: false },
];

export const score = (change: Partial<Score> = {}): Score => ({
  began_at: at("09:10:00"),
  ended_at: at("09:41:00"),
  kpis: [
    { kind: "acknowledged", kept: 1, of: 1, worst_s: 74, limit_s: 900, met: true },
    { kind: "updates", kept: 3, of: 4, worst_s: 200, limit_s: null, met: false },
    { kind: "stakeholders", kept: 0, of: 0, worst_s: null, limit_s: null, met: null },
    { kind: "handover", kept: 0, of: 1, worst_s: null, limit_s: null, met: false },
    { kind: "closed_last", kept: 1, of: 1, worst_s: null, limit_s: null, met: true },
  ],
  timeline: [
    { at: at("09:10:05"), what: "Page: Container registry returns errors", due_at: null, good: null },
    {
      at: at("09:11:19"),
      what: "You took the page: Container registry returns errors",
      due_at: at("09:25:05"),
      good: true,
    },
    {
      at: at("09:14:00"),
      what: "You asked: I intend to post: Pulls fail for some customers.",
      due_at: null,
      good: null,
    },
    { at: at("09:15:20"), what: "Ruth Adeyemi: Yes, go ahead with that.", due_at: null, good: null },
    { at: at("09:28:40"), what: "You published Identified: Container registry", due_at: at("09:25:20"), good: false },
  ],
  ...change,
});

export const entry = (change: Partial<Training> = {}): Training => ({
  at: at("08:00:00"),
  kind: "squawk",
  title: "EMEA process talk",
  notes: "",
  practised: null,
  ...change,
});

/** A practice event that was left without an end. */
export const left = () => ({
  id: 5,
  training: entry({
    kind: "practice",
    title: "The tools fail too",
    practised: { event: "f", scenario: "tools-fail", score: score(), left_early: true },
  }),
});

export const event = (change: Partial<PracticeEvent> = {}): PracticeEvent => ({
  scenario: SCENARIOS[1]!,
  began_at: at("09:40:00"),
  finished: false,
  said: [
    {
      at: at("09:44:00"),
      who: "Tomas Lindqvist",
      channel: "#incident-18345",
      text: "Three customers have written to us. What may we tell them?",
    },
    {
      at: at("09:46:10"),
      who: "Ruth Adeyemi",
      channel: "#incident-18345",
      text: "Hold on, that is too early. It is Identified at most, nothing is fixed.",
    },
  ],
  score: null,
  saved: false,
  unkept: null,
  ...change,
});

export const training = (change: Partial<TrainingView> = {}): TrainingView => ({
  log: [
    {
      id: 2,
      training: entry({
        kind: "practice",
        title: "The incident manager is silent",
        practised: { event: "e", scenario: "shy-im", score: score(), left_early: false },
      }),
    },
    { id: 1, training: entry({ at: "2026-02-11T14:00:00Z", notes: "Ask for the monitoring period at once." }) },
  ],
  quarter: "Q2 2026",
  in_quarter: 1,
  wanted: 1,
  path: [
    {
      key: "module",
      text: "Work through the training module",
      link: "https://learn.quillbrook.example",
      done_at: at("08:00:00"),
    },
    { key: "manager", text: "Agree on joining with your manager", link: null, done_at: null },
  ],
  ...change,
});

/** What ending an event leads to. */
export function ended(event_: PracticeEvent | null): PracticeEvent {
  return { ...(event_ ?? event()), score: score(), saved: true };
}

/** What a wish leads to, as far as the window alone can tell. */
export function trained(view: TrainingView, wish: TrainingWish, now: string): TrainingView {
  switch (wish.wish) {
    case "add": {
      const id = Math.max(0, ...view.log.map((card) => card.id)) + 1;
      return { ...view, log: [{ id, training: wish.entry }, ...view.log] };
    }
    case "change":
      return {
        ...view,
        log: view.log.map((card) => (card.id === wish.training ? { ...card, training: wish.entry } : card)),
      };
    case "remove":
      return { ...view, log: view.log.filter((card) => card.id !== wish.training) };
    case "step":
      return {
        ...view,
        path: view.path.map((step) => (step.key === wish.key ? { ...step, done_at: wish.done ? now : null } : step)),
      };
  }
}
