// What the window knows: the last view, Herald's time, and which screen is open. It holds no truth of its own.
import { createContext } from "svelte";
import type { Command, IncidentWish, LedgerWish, Refusal, ShiftWish, TrainingWish, View } from "../gen/types";
import { Clock } from "../lib/clock.svelte";
import { occupied } from "../lib/keys";
import { settle } from "../lib/settle.svelte";
import { ms } from "../lib/time";
import { failure, type Failure, type GoTo, type Host, type PracticeEvent, type Shown } from ".";

/** The screens there are; the navigation is drawn from this. */
export type Screen = "duty" | "ledger" | "handover" | "history" | "settings" | "practice";

/** A place to scroll to and focus after changing the screen. */
export type Spot = "connect" | "self-test" | "tracker" | "status-page" | "figures" | "training";

/** The incident that is looked at, or whose update is being written; `correct`: beginning with the last one, `loose`: with what was typed before there was an incident. */
export type Place = { incident: number; compose: boolean; correct?: boolean; loose?: boolean };

/** The code of a refusal that is none: done, and not on disk yet. */
const NOT_SAVED_YET: Refusal = "not_saved_yet";

export class Herald {
  readonly clock = new Clock();
  /** The last view; absent until the first answer. */
  view = $state.raw<View | null>(null);
  version = $state("");
  screen = $state<Screen>("duty");
  /** Which incident Duty shows in place of its list. */
  place = $state.raw<Place | null>(null);
  /** A maintenance of the ledger to look at; the ledger clears it. */
  maintenance = $state<number | null>(null);
  /** Where on the screen to go; whoever goes there clears it. */
  spot = $state<Spot | null>(null);
  /** A page to look at, asked for from outside; the page list clears it. */
  wanted = $state.raw<GoTo | null>(null);
  /** What an alarm wants looked at while somebody is typing: told above the screen until they go there. */
  called = $state.raw<GoTo | null>(null);
  /** Somebody wants to write, and there is no incident: their text gets a place of its own. */
  loose = $state(false);
  /** Why there is no first answer. */
  lost = $state.raw<Failure | null>(null);

  /** Nobody is known to watch: what is shown was true once. */
  gone = $state(false);

  /** The practice event that is under way; absent in the real Herald. */
  event = $state.raw<PracticeEvent | null>(null);

  constructor(readonly host: Host) {}

  /** Listens, says hello, and keeps time until the returned function is called. */
  start(): () => void {
    const ends: (() => void)[] = [this.clock.start()];
    let ended = false;
    const keep = (end: () => void) => (ended ? end() : void ends.push(end));
    const greet = async () => {
      const hello = await this.host.hello();
      this.version = hello.version;
      this.#show(hello);
      this.lost = null;
      this.gone = false;
    };
    const begin = async () => {
      try {
        // Listening comes first: a view that changes between hello and listen would be lost.
        const onLost = (lost: boolean) => {
          this.gone = true;
          // A watch that goes at once is told about again.
          if (!lost) greet().catch(() => undefined);
        };
        const listening = [
          this.host.onShown((shown) => this.#show(shown)),
          this.host.onGoTo((to) => this.goTo(to)),
          this.host.onLost(onLost),
        ];
        for (const end of await Promise.all(listening)) keep(end);
        await greet();
      } catch (thrown) {
        this.lost = failure(thrown);
      }
    };
    void begin();
    return () => {
      ended = true;
      for (const end of ends) end();
    };
  }

  /** Does it. What Herald took in and the disk did not counts as done: it is true, and a warning says that nothing is saved. */
  async command(command: Command): Promise<void> {
    try {
      await this.host.command(command);
    } catch (thrown) {
      if (failure(thrown).code !== NOT_SAVED_YET) throw thrown;
    }
  }

  /** Keeps what is typed: done once it is on disk. */
  keep(command: Command): Promise<void> {
    return this.host.command(command);
  }

  open(screen: Screen, spot: Spot | null = null): void {
    this.screen = screen;
    this.spot = spot;
    this.place = null;
  }

  /** Looks at an incident, or writes its update. */
  look(incident: number, compose = false): void {
    this.screen = "duty";
    this.place = { incident, compose };
  }

  /** Writes an update that corrects the last one. */
  correct(incident: number): void {
    this.screen = "duty";
    this.place = { incident, compose: true, correct: true };
  }

  /** Writes an update with the text that was typed before there was an incident. */
  takeAlong(incident: number): void {
    this.screen = "duty";
    this.place = { incident, compose: true, loose: true };
  }

  /** Back to the list. */
  back(): void {
    this.place = null;
  }

  wish(wish: IncidentWish): Promise<void> {
    return this.command({ do: "incident", wish });
  }

  shift(wish: ShiftWish): Promise<void> {
    return this.command({ do: "shift", wish });
  }

  /** Something about contact requests or maintenance. */
  ledger(wish: LedgerWish): Promise<void> {
    return this.command({ do: "ledger", wish });
  }

  train(wish: TrainingWish): Promise<void> {
    return this.command({ do: "training", wish });
  }

  goTo(to: GoTo): void {
    if (to.automatic && this.#waits(to)) return;
    this.called = null;
    if (!to.automatic) settle.settled();
    if (to.maintenance != null) {
      this.open("ledger");
      this.maintenance = to.maintenance;
      return;
    }
    this.screen = to.handover ? "handover" : "duty";
    this.place = to.incident === null ? null : { incident: to.incident, compose: to.compose };
    this.wanted = to.incident === null ? to : null;
    this.loose = to.compose && to.incident === null && to.page === null;
  }

  /** Nothing takes the screen away from somebody who types: it is told instead. A page goes before all else. */
  #waits(to: GoTo): boolean {
    settle.moved();
    if (!occupied()) return false;
    if (this.called === null || this.called.page === null || to.page !== null) this.called = to;
    return true;
  }

  #show(shown: Shown): void {
    this.clock.set(ms(shown.now));
    this.view = shown.view;
  }
}

export const [getHerald, setHerald] = createContext<Herald>();
