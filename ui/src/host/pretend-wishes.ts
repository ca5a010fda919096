// What becomes of incidents when the user wishes something, as far as the window alone can tell.
import type { IncidentCard, IncidentWish, Own, View } from "../gen/types";
import { compose, incident as made, text, undecided } from "./pretend-incidents";
import { ticked } from "./pretend-stages";

export function wished(view: View, wish: IncidentWish, now: string): View {
  const change = (id: number, edit: (it: IncidentCard) => Partial<IncidentCard>): View => ({
    ...view,
    incidents: view.incidents.map((it) => (it.id === id ? { ...it, ...edit(it) } : it)),
  });
  const composer = (id: number, edit: (it: IncidentCard["compose"]) => Partial<IncidentCard["compose"]>): View =>
    change(id, (it) => ({ compose: { ...it.compose, ...edit(it.compose) } }));
  switch (wish.wish) {
    case "open": {
      const id = Math.max(0, ...view.incidents.map((it) => it.id)) + 1;
      return { ...view, incidents: [...view.incidents, undecided({ id, ...shown(wish.own), own: wish.own })] };
    }
    case "correct":
      return change(wish.incident, (it) => ({ own: wish.own, ...shown(wish.own, it) }));
    case "decide":
      return change(wish.incident, () =>
        wish.yes
          ? { decided_at: now, clock: { ...made().clock!, counts: "decision", from: now }, declined_at: null }
          : { decided_at: null, declined_at: now },
      );
    case "tick":
    case "untick":
    case "skip":
    case "recurred":
      return ticked(view, wish, now);
    case "label":
      return change(wish.incident, (it) => ({
        stages: { ...it.stages, label: it.stages.label === null ? null : { ...it.stages.label, under_way: true } },
      }));
    case "still_running":
      return change(wish.incident, () => ({ still_running: null }));
    case "end": {
      if (!wish.yes) return { ...view, ended: view.ended.filter((it) => it.id !== wish.incident) };
      const ended = view.incidents
        .filter((it) => it.id === wish.incident)
        .map(({ id, title, phase, live }) => ({
          id,
          title,
          phase,
          ended_at: now,
          leftover: [],
          live,
          left_to_do: 0,
          unsent: false,
        }));
      return {
        ...view,
        incidents: view.incidents.filter((it) => it.id !== wish.incident),
        ended: [...ended, ...view.ended],
      };
    }
    case "promise":
      return change(wish.incident, (it) => ({
        promise:
          wish.due_at === null
            ? null
            : {
                due_at: wish.due_at,
                made_at: it.updates[0]?.at ?? now,
                made_by: it.updates[0] ?? null,
                confirmed_at: now,
              },
        promise_offer: null,
        promise_unsure: null,
        promise_doubt: null,
        clock:
          it.clock === null || wish.due_at === null
            ? it.clock
            : { ...it.clock, due_at: wish.due_at, counts: "promise", urgency: "later" },
      }));
    case "write":
      return composer(wish.incident, () => ({ ...compose({ text: wish.text }), saved_at: now, lints: [] }));
    case "discard":
      return composer(wish.incident, (it) => ({ ...compose({ text: text({ ...it.text, body: "" }) }), review: null }));
    case "asked":
      return composer(wish.incident, (it) => ({ review: { asked_at: now, body: it.text.body, agreed_at: null } }));
    case "agreed":
      return composer(wish.incident, (it) => ({
        review: it.review === null ? null : { ...it.review, agreed_at: now },
      }));
    case "publish":
      return change(wish.incident, (it) => ({
        publishing: [...it.publishing, { id: 1, stage: { kind: "sending" }, asked_at: now, text: wish.text }],
      }));
    case "posted_by_hand":
      return change(wish.incident, (it) => ({
        phase: wish.text.phase,
        live: { kind: "not_seen" },
        updates: [
          { at: wish.at, phase: wish.text.phase, impact: wish.text.impact, text: wish.text.body, mine: true },
          ...it.updates,
        ],
        compose: compose({ ...it.compose, text: text({ ...it.compose.text, body: "" }), saved_at: null, lints: [] }),
      }));
    case "was_published":
      return {
        ...view,
        incidents: view.incidents.map((it) => ({
          ...it,
          publishing: it.publishing.filter((one) => one.id !== wish.publication),
        })),
      };
    case "join":
      return { ...view, incidents: view.incidents.filter((it) => it.id !== wish.with) };
    case "join_page":
      return change(wish.incident, (it) => ({ pages: [...it.pages, wish.page] }));
    case "separate": {
      const { part } = wish;
      return change(wish.incident, (it) => ({
        issue: part.part === "issue" ? null : it.issue,
        post: part.part === "post" ? null : it.post,
        pages: part.part === "page" ? it.pages.filter((id) => id !== part.id) : it.pages,
      }));
    }
  }
}

function shown(own: Own, before?: IncidentCard): Partial<IncidentCard> {
  return {
    title: own.title ?? before?.title ?? "",
    severity: own.severity ?? before?.severity ?? null,
    call_url: own.call_url ?? before?.call_url ?? null,
    call_number: before?.call_number ?? null,
    channel: own.channel ?? before?.channel ?? null,
    im: own.im ?? before?.im ?? null,
    eoc: own.eoc ?? before?.eoc ?? null,
    issue:
      own.issue_url === null
        ? (before?.issue ?? null)
        : {
            iid: Number(/\/(\d+)$/.exec(own.issue_url)?.[1]) || null,
            url: own.issue_url,
            confidential: false,
            standing: null,
          },
  };
}
