// Every setting by name, with the words that find it.

const WORDS = {
  account: "account pagerduty key token region url connect disconnect sign in test keychain who",
  feeds:
    "issue tracker gitlab project status page statusio statuspage key token url connect disconnect feed account slack webhook channel intend send zendesk tickets untagged count",
  interval: "asking interval poll polling how often seconds refresh",
  sounds: "sounds sound volume loud play page due soon overdue cannot see blind own file wav alarm",
  quiet_hours: "quiet hours night mute silent time",
  shadow: "shadow mode trainee watch only write",
  theme: "theme look light dark system colours colors appearance",
  autostart: "autostart start with the desktop login sign in boot automatically tray",
  hotkey: "hotkey shortcut keyboard keys global ctrl alt u write update",
  self_test: "self-test selftest test alarm see seen hear heard",
  places: "places links open status page tracker handover schedule dashboards template",
  channels: "channels notifications sound tray health works dead device speaker",
  schedules: "shadow schedules schedule escalation policy who answers trainee watch",
  playbook: "playbook rules team file choose set-up set up onboarding again",
  about: "about version playbook rules herald practise practice keys",
} as const;

export type Row = keyof typeof WORDS;

/** The settings that match everything typed; all of them when nothing is. */
export function found(typed: string): ReadonlySet<Row> {
  const wanted = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const rows = Object.keys(WORDS) as Row[];
  return new Set(rows.filter((row) => wanted.every((word) => WORDS[row].includes(word))));
}
