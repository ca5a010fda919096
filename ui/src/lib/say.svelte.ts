// What a screen reader is told: one voice that interrupts and one that waits its turn.

class Voice {
  urgent = $state("");
  calm = $state("");

  /** Interrupts: a page, or blindness. */
  now(text: string): void {
    this.urgent = text;
  }

  /** Waits until the reader has finished. */
  later(text: string): void {
    this.calm = text;
  }
}

export const voice = new Voice();
