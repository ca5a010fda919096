// The stages of the duty for the pretend host: what a playbook says, and an incident's place in it.
import type { Guide, IncidentCard, IncidentWish, Mark, Stage, StagesView, TaskRules, View } from "../gen/types";

const task = (id: string, text: string, does: TaskRules["does"], more: Partial<TaskRules> = {}): TaskRules => ({
  id,
  text,
  does,
  help: null,
  see: null,
  when: null,
  needs: [],
  last: false,
  copies: [],
  links: [],
  ...more,
});

export const GUIDE: Guide = {
  stages: [
    {
      id: "engage",
      name: "Engage",
      tasks: [
        task("acknowledge", "Acknowledge the page", "acknowledge", { see: "page-meanings", when: "paged" }),
        task("join-call", "Join the call", "join_call"),
        task("be-heard", "Say that you are here, and be answered", null, {
          help: "“I am the communications manager on duty.” Wait until somebody answers you by voice.",
          see: "voice",
          needs: ["join-call"],
        }),
        task("ask-public", "Ask whether the public is told", "decide"),
        task("create-post", "Publish the first update", "create_post", {
          copies: [{ name: "Slack command", text: "/incident post-statuspage" }],
          needs: ["ask-public"],
        }),
        task("verify-post", "See it on the live status page", "verify_live", {
          links: [{ name: "Status page", text: "{page_link}" }],
          needs: ["create-post"],
        }),
        task("confirm-severity", "Have the severity confirmed", "confirm_severity"),
        task("notify-stakeholders", "Notify stakeholders, one thread", "notify_stakeholders", {
          help: "One thread for each incident; everything later goes below it.",
          needs: ["confirm-severity"],
          copies: ["Workflow", "Summary", "Severity", "Issue", "Channel"].map((name) => ({ name, text: `{${name}}` })),
        }),
        task("label-issue", "Label the issue", "label_issue", { needs: ["create-post"] }),
        task("close-page", "Close the page", "close_page", {
          help: "Closing it says that everything above is done. The incident goes on.",
          last: true,
        }),
      ],
    },
    {
      id: "manage",
      name: "Manage",
      tasks: [
        task("keep-updated", "Update in time until a fix is out", "publish_update", {
          help: "Nothing new is an update too: say what is being worked on.",
        }),
        task("create-tag", "Create the tag of its tickets", "zendesk_tag", {
          copies: [{ name: "Tag", text: "{tag}" }],
        }),
        task("tag-tickets", "Watch, tag and answer tickets", "zendesk_search", {
          copies: [{ name: "Search", text: "{tickets}" }],
        }),
      ],
    },
    {
      id: "monitor",
      name: "Monitor",
      tasks: [
        task("ask-period", "Ask the IM how long to watch", "ask_period"),
        task("publish-monitoring", "Publish the Monitoring update", "publish_update"),
        task("verify-monitoring", "Check that it is live", "verify_live"),
        task("watch", "Watch for recurrence", "watch"),
        task("monitor-tickets", "Tag and answer new tickets", "zendesk_search"),
      ],
    },
    {
      id: "resolve",
      name: "Resolve",
      tasks: [
        task("confirmed", "The issue is confirmed resolved", "confirm_resolved", { needs: ["watch"] }),
        task("all-clear", "The IM gave the all-clear", null, { needs: ["watch"] }),
        task("publish-resolved", "Publish that it is resolved", "publish_update", {
          needs: ["confirmed", "all-clear"],
        }),
        task("verify-resolved", "Check the status page once more", "verify_live", { needs: ["publish-resolved"] }),
        task("post-mortem", "Add the post-mortem link", "post_mortem", { needs: ["publish-resolved"] }),
      ],
    },
  ],
  reference: [
    {
      id: "page-meanings",
      title: "What triggered, acknowledged and closed mean",
      words: ["PagerDuty"],
      text: "Triggered: an incident needs somebody who communicates.\nAcknowledged: I have seen the page and am joining.\nClosed: the public was told, and I go on working it.",
    },
    {
      id: "voice",
      title: "What to say on the call",
      words: ["heard"],
      text: "First words: that you are the communications manager on duty.\nRepeat every request back in your own words.",
    },
    {
      id: "severity",
      title: "Severities, and when you are needed alone",
      words: ["S1"],
      text: "S1 and S2 are critical.",
    },
  ],
};

const TEXTS: Record<string, string> = {
  "Slack command": "/incident post-statuspage",
  Workflow: "/Incident Notifier",
  Summary: "Pipelines wait long before starting",
  Severity: "S2",
  Issue: "https://tracker.quillbrook.example/issues/18342",
  Tag: "com_incident_18342",
  Search: "created>4hours group:none",
};

/** What became of tasks; the others are open, or locked while what they need is. */
export type Marks = Record<string, Mark>;

export function stages(current: Stage, marks: Marks = {}, change: Partial<StagesView> = {}): StagesView {
  const isClosed = (id: string) => marks[id] !== undefined && marks[id].mark !== "open" && marks[id].mark !== "locked";
  let now = true;
  const tasks = GUIDE.stages.flatMap((stage) =>
    stage.tasks.map((it) => {
      const before = it.last ? stage.tasks.map(({ id }) => id).filter((id) => id !== it.id) : it.needs;
      const needs = before
        .filter((id) => !isClosed(id))
        .map((id) => GUIDE.stages.flatMap(({ tasks }) => tasks).find((task) => task.id === id)?.text ?? id);
      const mark: Mark =
        marks[it.id] ??
        (needs.length > 0
          ? { mark: "locked", needs, opens_at: null }
          : { mark: "open", now: stage.id === current && now, until: null });
      if (mark.mark === "open" && stage.id === current) now = false;
      return {
        id: it.id,
        stage: stage.id,
        copies: it.copies.map(({ name }) => TEXTS[name] ?? null),
        links: it.links.map(() => "https://status.quillbrook.example/incident/6630a1"),
        ...mark,
      };
    }),
  );
  return {
    current,
    tasks,
    recurred_at: null,
    label: null,
    tickets_url: "https://quillbrook.zendesk.example/agent/search/1?q=created",
    tickets: null,
    ...change,
  };
}

/** The marks that a view shows by now, so that one more can be set. */
function marksOf(card: IncidentCard): Marks {
  const said = card.stages.tasks.filter(({ mark }) => mark === "done" || mark === "skipped" || mark === "not_needed");
  return Object.fromEntries(said.map((task) => [task.id, task]));
}

/** What becomes of the stages when the user says something about a task. */
export function ticked(
  view: View,
  wish: Extract<IncidentWish, { wish: "tick" | "untick" | "skip" | "recurred" }>,
  now: string,
): View {
  const change = (card: IncidentCard): IncidentCard => {
    if (card.id !== wish.incident) return card;
    if (wish.wish === "recurred") {
      const { stages } = card;
      return {
        ...card,
        monitoring: wish.yes ? null : card.monitoring,
        stages: { ...stages, current: wish.yes ? "manage" : "monitor", recurred_at: wish.yes ? now : null },
      };
    }
    const { [wish.task]: _, ...others } = marksOf(card);
    const said: Marks =
      wish.wish === "tick"
        ? { [wish.task]: { mark: "done", at: now, by: "me", saw: "" } }
        : wish.wish === "skip"
          ? { [wish.task]: { mark: "skipped", at: now, reason: wish.reason } }
          : {};
    const { current, recurred_at, label, tickets_url, tickets } = card.stages;
    return { ...card, stages: stages(current, { ...others, ...said }, { recurred_at, label, tickets_url, tickets }) };
  };
  return { ...view, incidents: view.incidents.map(change), wrapping: view.wrapping.map(change) };
}
