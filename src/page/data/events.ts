// Server-sent events out of a stream of bytes: `fetch` gives bytes, and an EventSource could send no token.

export interface ServerEvent {
  readonly event: string;
  readonly data: string;
}

/** Reads events as the bytes come, whatever the pieces are that they come in. */
export class EventReader {
  private readonly decoder = new TextDecoder();
  private rest = "";
  private event = "";
  private data: string[] = [];

  /** The events that end in this piece. */
  take(piece: Uint8Array): ServerEvent[] {
    this.rest += this.decoder.decode(piece, { stream: true });
    const found: ServerEvent[] = [];
    // A line ends with \n, \r\n or \r; a \r at the end may be half of \r\n.
    for (let end = /\r\n|\n|\r(?!$)/.exec(this.rest); end !== null; end = /\r\n|\n|\r(?!$)/.exec(this.rest)) {
      const line = this.rest.slice(0, end.index);
      this.rest = this.rest.slice(end.index + end[0].length);
      const whole = this.line(line);
      if (whole !== null) found.push(whole);
    }
    return found;
  }

  private line(line: string): ServerEvent | null {
    if (line === "") {
      const whole = this.data.length > 0 ? { event: this.event || "message", data: this.data.join("\n") } : null;
      this.event = "";
      this.data = [];
      return whole;
    }
    const [, field, value] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
    if (field === "event") this.event = value ?? "";
    if (field === "data") this.data.push(value ?? "");
    return null;
  }
}
