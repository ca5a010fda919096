// What the user does with one incident: the same for buttons and keys.
import type { IncidentWish } from "../gen/types";
import type { Herald } from "../host/herald.svelte";
import { Attempt } from "../lib/attempt.svelte";
import { hostOf } from "../lib/links";

export class Deeds {
  readonly attempt = new Attempt();
  copied = $state(false);

  constructor(readonly herald: Herald) {}

  wish(wish: IncidentWish): void {
    void this.attempt.run(() => this.herald.wish(wish));
  }

  decide(incident: number, yes: boolean): void {
    this.wish({ wish: "decide", incident, yes });
  }

  browse(url: string | null | undefined): boolean {
    if (url == null || hostOf(url) === null) return false;
    void this.attempt.run(() => this.herald.host.browse(url));
    return true;
  }

  async copy(text: string): Promise<void> {
    this.copied = (await this.attempt.run(async () => (await this.herald.host.copy(text), true))) === true;
  }
}
