// Whether somebody is at work in a list, so that it must not move: the pointer is inside, or the focus is.

type Point = { screenX: number; screenY: number };

export class Hold {
  pointer = $state(false);
  focus = $state(false);
  #window = $state(true);
  #at: Point | null = null;
  /** Where the pointer rested when the keyboard took over; until it moves on it points at nothing. */
  #rests: Point | null = null;

  /** A focus in a window that nobody types into holds nothing. */
  get on(): boolean {
    return this.pointer || (this.focus && this.#window);
  }

  pointed(event: Point): void {
    this.#at = { screenX: event.screenX, screenY: event.screenY };
    // Browsers report a move when the page moves under a pointer that rests.
    if (this.#rests?.screenX === event.screenX && this.#rests.screenY === event.screenY) return;
    this.#rests = null;
    this.pointer = true;
  }

  pointerLeft(): void {
    this.pointer = false;
  }

  /** The user works with the keys: a pointer that happens to rest on the list is not pointing. */
  byKeys(): void {
    this.#rests = this.#at;
    this.pointer = false;
  }

  windowLeft(): void {
    this.#window = false;
  }

  windowBack(): void {
    this.#window = true;
  }

  release(): void {
    this.byKeys();
    this.focus = false;
  }
}
