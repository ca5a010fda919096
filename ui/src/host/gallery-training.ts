// States of training, practice and setting up, for looking at them while developing.
import type { Onboarding, View } from "../gen/types";
import type { State } from "./gallery";
import { entry, event, left, score, training } from "./pretend-training";
import { paged, quiet, taken } from "./pretend-views";

const LONG =
  "Container registry pulls and pushes fail for customers of every region, and nobody has yet said why ".repeat(3);
const ARABIC = "فشل تسجيل الدخول الموحد لجميع المستخدمين في منطقة أوروبا";

const settingUp = (step: Onboarding, change: Partial<View> = {}) =>
  quiet({ settings: { ...quiet().settings, onboarding: step, self_test: null }, ...change });
const practising = (change: Partial<View> = {}) =>
  paged([taken()], {
    mode: { kind: "practice", scenario: "The incident manager is silent" },
    hollow: true,
    training: { ...training(), wanted: 0 },
    ...change,
  });
const many = Array.from({ length: 9 }, (_, index) => ({
  ...event().said[index % 2]!,
  at: new Date(Date.parse(event().said[0]!.at) + index * 20_000).toISOString(),
  text: index === 4 ? LONG : index === 6 ? ARABIC : event().said[index % 2]!.text,
}));

export const TRAINING: Record<string, State> = {
  training: { view: () => quiet({ training: training() }), screen: "practice" },
  "training-empty": {
    view: () => quiet({ training: { ...training(), log: [], in_quarter: 0, path: [] } }),
    screen: "practice",
  },
  "training-failed": {
    view: () => quiet({ training: training() }),
    screen: "practice",
    refuse: {
      scenarios: { code: "failed", message: "The scenarios cannot be read." },
      step: { code: "failed", message: "Nothing can be saved." },
    },
  },
  "training-long": {
    view: () =>
      quiet({
        training: {
          ...training(),
          log: [
            { id: 3, training: entry({ title: LONG, notes: LONG }) },
            { id: 4, training: entry({ title: ARABIC, notes: ARABIC }) },
          ],
        },
      }),
    screen: "practice",
  },
  "quiet-untrained": { view: () => quiet({ training: { ...training(), in_quarter: 0 } }) },
  "practice-under-way": { view: () => practising(), screen: "practice", event: event() },
  "practice-unkept": {
    view: () => practising(),
    screen: "practice",
    event: event({ unkept: "No space left on device (os error 28)" }),
  },
  "practice-nowhere": { view: () => practising(), screen: "practice", event: event({ saved: null }) },
  "training-left": {
    view: () => quiet({ training: { ...training(), in_quarter: 0, log: [left()] } }),
    screen: "practice",
  },
  "practice-talk": { view: () => practising(), event: event({ said: many }) },
  "practice-silent": { view: () => practising(), event: event({ said: [] }) },
  "practice-ended": {
    view: () => practising(),
    screen: "practice",
    event: event({ began_at: score().began_at, score: score(), saved: true, finished: true }),
  },
  "practice-unsaved": {
    view: () => practising(),
    screen: "practice",
    event: event({ score: score({ timeline: [] }), saved: false }),
    refuse: {
      endPractice: { code: "failed", message: "The result could not be saved into your training log. Try again." },
    },
  },
  "setting-up-schedules": { view: () => settingUp("schedules") },
  "setting-up-no-answer": {
    view: () => settingUp("schedules"),
    refuse: { schedules: { code: "failed", message: "PagerDuty gave no answer in time. Check the network." } },
  },
  "setting-up-services": { view: () => settingUp("services") },
  "setting-up-playbook": { view: () => settingUp("playbook") },
  "setting-up-self-test": { view: () => settingUp("self_test") },
};
