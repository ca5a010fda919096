// One thing the user asked for: whether it is under way, and why it failed, to be shown beside its control.
import { failure, type Failure } from "../host";

export class Attempt {
  busy = $state(false);
  failure = $state.raw<Failure | null>(null);
  #before: Promise<unknown> = Promise.resolve();

  /** Does `work` unless it is under way already; `undefined` when it failed or was not begun. */
  async run<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (this.busy) return undefined;
    this.busy = true;
    this.failure = null;
    try {
      return await work();
    } catch (thrown) {
      this.failure = failure(thrown);
      return undefined;
    } finally {
      this.busy = false;
    }
  }

  /** Does `work` after what was wished for before: of changes that follow each other fast, none is dropped. */
  inTurn<T>(work: () => Promise<T>): Promise<T | undefined> {
    const turn = this.#before.then(() => this.run(work));
    this.#before = turn;
    return turn;
  }

  clear(): void {
    this.failure = null;
  }
}
