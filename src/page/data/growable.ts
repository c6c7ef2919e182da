// A list of numbers in one piece of memory that grows: an hour of a run has millions of them.

export class Growable {
  private room: Float64Array<ArrayBuffer>;
  length = 0;

  constructor(capacity = 8) {
    this.room = new Float64Array(capacity);
  }

  push(value: number): void {
    if (this.length === this.room.length) {
      const larger = new Float64Array(Math.max(8, 2 * this.room.length));
      larger.set(this.room);
      this.room = larger;
    }
    this.room[this.length] = value;
    this.length += 1;
  }

  /** The number at this place, which must be there. */
  at(place: number): number {
    return this.room[place] as number;
  }

  /** The numbers in their memory, valid until the next `push`; what lies behind `length` means nothing. */
  get memory(): Float64Array {
    return this.room;
  }

  /** Forgets all from this place on. */
  cut(length: number): void {
    this.length = Math.min(this.length, length);
  }

  /** The first place whose number is not smaller, where numbers rise. */
  placeOf(value: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.at(middle) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
