// A past for the pretended host: incidents, updates and pages, and the figures of a quarter.
import type {
  HistoryFound,
  HistoryQuery,
  Kpi,
  KpiItem,
  KpiName,
  Kpis,
  PastIncident,
  PastPage,
  PastRow,
} from "../gen/types";

/** Everything that History can show. */
export type History = { rows: PastRow[]; incidents: PastIncident[]; pages: PastPage[]; kpis: Kpis | null };

const PAGE_SIZE = 50;
const REGISTRY = "Container registry refuses pushes";

/** A line in a list, as much of it as matters. */
export function row(change: Partial<PastRow> = {}): PastRow {
  return {
    kind: "update",
    incident: 3,
    page: null,
    at: "2026-04-14T09:47:00Z",
    severity: "s2",
    phase: "identified",
    title: REGISTRY,
    text: "Pushes to the container registry fail since a certificate ran out. We are renewing it.",
    mine: true,
    ...change,
  };
}

export function item(change: Partial<KpiItem> = {}): KpiItem {
  return {
    at: "2026-04-14T09:20:00Z",
    verdict: "kept",
    title: REGISTRY,
    says: "",
    took_s: null,
    allowed_s: null,
    incident: 3,
    page: null,
    ...change,
  };
}

export function kpi(name: KpiName, change: Partial<Kpi> = {}): Kpi {
  return {
    name,
    value: 100,
    target: 100,
    met: true,
    limit: null,
    kept: 1,
    missed: 0,
    waiting: 0,
    items: [item()],
    more: 0,
    ...change,
  };
}

/** Bars of a few minutes each, oldest first. */
const bars = (minutes: number[], allowed: number) =>
  minutes.map((took, index) =>
    item({
      at: new Date(Date.parse("2026-04-14T08:00:00Z") + index * 1_800_000).toISOString(),
      verdict: took > allowed ? "missed" : "kept",
      took_s: took * 60,
      allowed_s: allowed * 60,
    }),
  );

export const FIGURES: Kpis = {
  from: "2026-04-01T00:00:00Z",
  to: "2026-07-01T00:00:00Z",
  kpis: [
    kpi("acknowledge", { limit: 15, kept: 8, items: bars([2, 3, 1, 9, 4, 2, 12, 3], 15) }),
    kpi("updates", {
      value: 94,
      met: false,
      kept: 17,
      missed: 1,
      waiting: 1,
      items: [
        ...bars([14, 29, 30, 12, 28, 31, 22, 9, 15, 28, 30, 18, 27, 3, 26, 29, 30, 11], 30),
        item({ verdict: "waiting", says: "Due next", at: "2026-05-06T09:40:00Z", took_s: 60, allowed_s: 1800 }),
      ],
    }),
    kpi("threads", { kept: 3, items: [item(), item(), item()] }),
    kpi("handovers", {
      value: 50,
      met: false,
      missed: 1,
      waiting: 1,
      items: [
        item({ verdict: "missed", title: "Shift", incident: null }),
        item({ title: "Shift", incident: null }),
        item({ verdict: "waiting", says: "It still runs", title: "Shift", incident: null }),
      ],
    }),
    kpi("contacts", { value: null, met: null, kept: 0, items: [] }),
    kpi("training", {
      value: null,
      met: null,
      limit: 1,
      kept: 0,
      waiting: 1,
      items: [item({ verdict: "waiting", title: "Q2 2026", says: "No training yet", incident: null })],
    }),
  ],
};

export const HISTORY: History = {
  rows: [
    row({
      at: "2026-04-14T10:20:00Z",
      phase: "resolved",
      text: "The certificate is renewed and pushes work again. Thank you for your patience.",
    }),
    row(),
    row({
      kind: "incident",
      at: "2026-04-14T09:12:00Z",
      text: "#18290 · IM Mateo Silva · EOC Jonas Weber · #inc-18290",
      phase: "resolved",
    }),
    row({
      kind: "page",
      incident: null,
      page: "Q3REG",
      at: "2026-04-14T09:11:30Z",
      severity: null,
      phase: null,
      title: "[S2] Registry: certificate expired",
      text: "#4655 · Container registry · CMOC",
    }),
    row({
      incident: 5,
      at: "2026-04-02T16:02:10Z",
      severity: "s3",
      phase: "resolved",
      title: "Mail is late",
      text: "The incident is resolved: mail leaves within seconds again.",
      mine: false,
    }),
  ],
  incidents: [
    {
      id: 3,
      title: REGISTRY,
      severity: "s2",
      phase: "resolved",
      since: "2026-04-14T09:12:00Z",
      ended_at: "2026-04-14T10:20:00Z",
      issue_url: "https://tracker.quillbrook.example/ops/-/issues/18290",
      post_url: "https://status.quillbrook.example/3",
      im: "Mateo Silva",
      eoc: "Jonas Weber",
      channel: "#inc-18290",
      line: [
        {
          at: "2026-04-14T09:11:30Z",
          kind: "paged",
          page: "Q3REG",
          title: "[S2] Registry: certificate expired",
          answered_at: "2026-04-14T09:13:50Z",
        },
        { at: "2026-04-14T09:14:20Z", kind: "ticked", task: "join-call", skipped: false },
        {
          at: "2026-04-14T09:16:00Z",
          kind: "noted",
          event: { at: "2026-04-14T09:16:00Z", by: "others", what: "Severity S3 → S2" },
        },
        {
          at: "2026-04-14T09:47:00Z",
          kind: "told",
          phase: "identified",
          text: row().text,
          mine: true,
          due_at: "2026-04-14T09:46:00Z",
        },
        {
          at: "2026-04-14T10:20:00Z",
          kind: "told",
          phase: "resolved",
          text: "The certificate is renewed and pushes work again. Thank you for your patience.",
          mine: false,
          due_at: "2026-04-14T10:30:00Z",
        },
      ],
    },
  ],
  pages: [
    {
      id: "Q3REG",
      number: 4655,
      title: "[S2] Registry: certificate expired",
      url: "https://quillbrook.pagerduty.example/incidents/Q3REG",
      service: "Container registry",
      triggered_at: "2026-04-14T09:11:30Z",
      answered_at: "2026-04-14T09:13:50Z",
      taken_by: "Elena Marek",
      gone: [{ kind: "closed" }, "2026-04-14T09:52:00Z"],
      shadowed: false,
      incidents: [[3, REGISTRY]],
    },
  ],
  kpis: FIGURES,
};

export const NO_HISTORY: History = { rows: [], incidents: [], pages: [], kpis: null };

/** What of `rows` fits a query, as Herald would find it, but for the order of the best. */
export function fitting(rows: readonly PastRow[], query: HistoryQuery): HistoryFound {
  const words = query.words
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  const fits = rows.filter(
    (it) =>
      words.every((word) => `${it.title} ${it.text}`.toLowerCase().includes(word)) &&
      (query.kind === null || it.kind === query.kind) &&
      (query.severity === null || it.severity === query.severity) &&
      (query.phase === null || it.phase === query.phase) &&
      (query.from === null || Date.parse(it.at) >= Date.parse(query.from)) &&
      (query.to === null || Date.parse(it.at) < Date.parse(query.to)) &&
      (!query.mine || it.mine),
  );
  return { rows: fits.slice(query.offset, query.offset + PAGE_SIZE), more: fits.length > query.offset + PAGE_SIZE };
}
