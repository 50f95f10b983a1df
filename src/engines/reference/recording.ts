/** The schedule of a run as it happened, so that it can be replayed. */

/** Which actor did each step; grows as needed. */
export class Recording {
  private actors = new Uint8Array(1024);
  private length = 0;

  push(actor: number): void {
    if (this.length === this.actors.length) {
      const larger = new Uint8Array(this.length * 2);
      larger.set(this.actors);
      this.actors = larger;
    }
    this.actors[this.length++] = actor;
  }

  toArray(): Uint8Array {
    return this.actors.slice(0, this.length);
  }
}
