// From the text of `history.data` to its bytes, and what reads them.

/** The bytes behind base64, inflated where they were deflated. */
export async function unpacked(data: string, encoding: string): Promise<Uint8Array> {
  const packed = fromBase64(data);
  if (encoding === "none") return packed;
  if (encoding !== "deflate") throw new Error(`its data has the encoding "${encoding}", which this page does not know`);
  const inflated = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(inflated).arrayBuffer());
}

/** The bytes behind base64. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const raw = atob(text);
  const bytes = new Uint8Array(raw.length);
  for (let at = 0; at < raw.length; at += 1) bytes[at] = raw.charCodeAt(at);
  return bytes;
}

/** Reads a block from its first byte to its last; each read past the end is an error. */
export class Reader {
  private at = 0;
  private readonly view: DataView;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd(): boolean {
    return this.at === this.bytes.length;
  }

  byte(): number {
    const byte = this.bytes[this.at];
    if (byte === undefined) throw new RangeError("its data ends too early");
    this.at += 1;
    return byte;
  }

  /** An unsigned LEB128 number. What is above 2^53 comes as the nearest number that there is. */
  varint(): number {
    let value = 0;
    let scale = 1;
    for (let read = 0; read < 10; read += 1) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    throw new RangeError("its data has a number without an end");
  }

  /** A signed number, zigzag: 0, -1, 1, -2 … are 0, 1, 2, 3 …. */
  signed(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  float(): number {
    if (this.at + 8 > this.bytes.length) throw new RangeError("its data ends too early");
    const value = this.view.getFloat64(this.at, true);
    this.at += 8;
    return value;
  }

  /** A column of `n` numbers, which says itself how they are written. */
  column(n: number, into: { push(value: number): void }): void {
    const mode = this.byte();
    if (mode > 2) throw new RangeError(`its data has a column of the unknown mode ${mode}`);
    for (let row = 0; row < n; row += 1) {
      into.push(mode === 2 ? this.float() : mode === 1 ? this.signed() / 1e6 : this.signed());
    }
  }
}
