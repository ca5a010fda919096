// What the user does with one trigger of one page: the same for buttons and keys, bound to the page and never to a row.
import type { Acting, Command, PageCard } from "../gen/types";
import type { Herald } from "../host/herald.svelte";
import { Attempt } from "../lib/attempt.svelte";
import { hostOf } from "../lib/links";

export class Deeds {
  readonly attempt = new Attempt();
  /** What was asked for until the view says so itself. */
  asked = $state<Acting | null>(null);

  constructor(readonly herald: Herald) {}

  acknowledge(page: PageCard): boolean {
    if (!page.may.acknowledge || this.asked !== null) return false;
    void this.#write("acknowledging", page);
    return true;
  }

  /** Whether closing it is under way. */
  async close(page: PageCard, note: string | null): Promise<boolean> {
    return page.may.close && this.asked === null && (await this.#write("closing", page, note));
  }

  answerHere(page: PageCard): boolean {
    if (!page.may.answer_here) return false;
    void this.attempt.run(() =>
      this.herald.command({ do: "answer_here", page: page.id, triggered_at: page.triggered_at }),
    );
    return true;
  }

  /** Makes its alarm quiet, or lets it sound again. */
  turnQuiet(page: PageCard): boolean {
    const alarm = page.alarm;
    if (alarm === null) return false;
    const quiet = alarm.quiet_until !== null;
    if (!quiet && !page.may.quiet) return false;
    void this.attempt.run(() => this.herald.command({ do: quiet ? "unquiet" : "quiet", alarm: alarm.key }));
    return true;
  }

  browse(url: string | null): boolean {
    if (url === null || hostOf(url) === null) return false;
    void this.attempt.run(() => this.herald.host.browse(url));
    return true;
  }

  async #write(acting: "acknowledging" | "closing", page: PageCard, note: string | null = null): Promise<boolean> {
    this.asked = acting;
    const about = { page: page.id, triggered_at: page.triggered_at };
    const command: Command =
      acting === "acknowledging" ? { do: "acknowledge", ...about } : { do: "close_page", ...about, note };
    const done = await this.attempt.run(async () => (await this.herald.command(command), true));
    this.asked = null;
    return done === true;
  }
}
