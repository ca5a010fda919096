// One thing the user asked for: whether it is under way, and why it failed, to be shown beside its control.
import { failure, type Failure } from "../host";

export class Attempt {
  busy = $state(false);
  failure = $state.raw<Failure | null>(null);

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

  clear(): void {
    this.failure = null;
  }
}
