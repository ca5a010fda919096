// History for the gallery: full, empty, out of reach, and with texts that are hard to draw.
import type { State } from "./gallery";
import { FIGURES, HISTORY, item, kpi, NO_HISTORY, row } from "./pretend-history";
import { going, incident } from "./pretend-incidents";
import { quiet } from "./pretend-views";

const LONG = "x".repeat(80) + "ThisTitleHasNoPlaceToBreakAndGoesOn" + "y".repeat(45);
const ARABIC = "فشل تسجيل الدخول الموحد لجميع المستخدمين في منطقة أوروبا منذ الساعة التاسعة صباحا";
const HEBREW = "שירות הכניסה נכשל עבור כל המשתמשים";

const nasty = {
  ...HISTORY,
  rows: [
    row({ title: LONG, text: LONG }),
    row({ kind: "incident", title: ARABIC, text: HEBREW }),
    row({ title: HEBREW, text: `${ARABIC} ${ARABIC} ${ARABIC} ${ARABIC}` }),
    ...Array.from({ length: 70 }, (_, nth) => row({ title: `Incident ${nth}` })),
  ],
  kpis: {
    ...FIGURES,
    kpis: [
      kpi("updates", {
        value: 0,
        met: false,
        kept: 0,
        missed: 100_000,
        items: [item({ title: LONG, verdict: "missed", took_s: 8_000_000, allowed_s: 900 }), item({ title: ARABIC })],
        more: 99_998,
      }),
      ...FIGURES.kpis.slice(2),
    ],
  },
};
const cannot = { code: "failed", message: "The past cannot be read: the database is damaged." };
const state = (change: Partial<State> = {}): State => ({ view: () => quiet(), screen: "history", ...change });

export const PAST_STATES: Record<string, State> = {
  history: state({ view: () => going([incident()]) }),
  "history-empty": state({ history: NO_HISTORY }),
  "history-nasty": state({ history: nasty }),
  "history-failed": state({ refuse: { searchHistory: cannot } }),
  figures: state({ spot: "figures" }),
  "figures-none": state({ spot: "figures", history: NO_HISTORY }),
  "figures-nasty": state({ spot: "figures", history: nasty }),
  "figures-failed": state({ spot: "figures", refuse: { kpis: cannot } }),
};
