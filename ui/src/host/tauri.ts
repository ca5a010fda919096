// The host in the real app: Tauri's commands and events. Nothing else in ui/ calls invoke or listen.
import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import type { GoTo, Host, Shown } from ".";

export const tauri: Host = {
  hello: () => invoke("hello"),
  onShown: (on) => listen<Shown>("shown", (event) => on(event.payload)),
  onGoTo: (on) => listen<GoTo>("goto", (event) => on(event.payload)),
  command: (command) => invoke("command", { command }),
  connect: (connecting) => invoke("connect", connecting),
  connectTracker: (connecting) => invoke("connect_tracker", connecting),
  connectStatusPage: (connecting) => invoke("connect_status_page", { to: connecting }),
  connectSlack: (connecting) => invoke("connect_slack", connecting),
  connectZendesk: (connecting) => invoke("connect_zendesk", connecting),
  intend: (incident) => invoke("intend", { incident }),
  testAccount: () => invoke("test_account"),
  play: (sound) => invoke("play", { sound }),
  chooseSound: () => invoke("choose_sound"),
  browse: (url) => invoke("browse", { url }),
  searchUpdates: (query) => invoke("search_updates", { query }),
  searchHistory: (query) => invoke("search_history", { query }),
  pastIncident: (incident) => invoke("past_incident", { incident }),
  pastPage: (page, at) => invoke("past_page", { page, at }),
  kpis: (ask) => invoke("kpis", { ask }),
  exportHistory: (span, format) => invoke("export_history", { span, format }),
  copy: (text) => invoke("copy_text", { text }),
  saveHandover: (shift) => invoke("save_handover", { shift }),
  importHandover: () => invoke("import_handover"),
  scenarios: () => invoke("scenarios"),
  practise: (scenario) => invoke("practise", { scenario }),
  practiceEvent: () => invoke("practice_event"),
  endPractice: () => invoke("end_practice"),
  leavePractice: () => invoke("leave_practice"),
  issueWords: (link) => invoke("issue_words", { link }),
  schedules: () => invoke("schedules"),
  choosePlaybook: () => invoke("choose_playbook"),
};
