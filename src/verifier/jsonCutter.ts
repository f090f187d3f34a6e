/** A bound on what is neither the log nor beside it: the epochs of a hundred million draws fit. */
const MAX_REST_BYTES = 256 * 1024 * 1024;
const MAX_ENTRY_BYTES = 16 * 1024 * 1024;
/** Names that are looked for are short; of longer ones only that they are longer is kept. */
const MAX_NAME_BYTES = 64;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** What is left of a JSON text without the entries of its log. */
export interface Rest {
  text: string;
  /** It ends within something. */
  isCutOff: boolean;
  /** Lists of entries that were found. */
  logs: number;
}

/**
 * Takes a JSON text of any length and layout apart while it is read: the entries of the list `log`, of the whole or of its `data`,
 * one by one, and the rest with an empty list in their place. It looks at bytes, since all that matters is ASCII; whether the
 * parts are JSON is for JSON.parse to say, and the whole is when all of them are.
 */
export class JsonCutter {
  private readonly rest = new Bytes(MAX_REST_BYTES);
  private readonly entry = new Bytes(MAX_ENTRY_BYTES);
  private depth = 0;
  private inString = false;
  private isEscaped = false;
  /** How deep the log that is being read lies; 0: none is. */
  private logDepth = 0;
  private entries = 0;
  private logs = 0;
  /** Of the two outermost levels: whether it is an object, and the name last read in it. */
  private readonly levels: { isObject: boolean; name: string }[] = [];
  /** The string last begun in one of them. */
  private name: number[] = [];

  /** @param hasEntries whether the texts of entries are wanted, or only the rest */
  constructor(private readonly hasEntries: boolean) {}

  /** The texts of the entries that end here. @throws RangeError for what is beyond the bounds, TypeError for what is no UTF-8 */
  push(chunk: Uint8Array): string[] {
    const texts: string[] = [];
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (this.inString) {
        this.readString(byte);
      } else if (byte === QUOTE) {
        this.inString = true;
        this.name = [];
      } else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
        if (this.open(byte)) {
          this.rest.add(chunk, from, at + 1);
          from = at + 1;
        }
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
        if (this.depth === this.logDepth && this.logDepth > 0) {
          this.endEntry(chunk, { from, to: at, isLast: true }, texts);
          from = at;
          this.logDepth = 0;
        }
        this.depth -= 1;
        this.levels.length = Math.max(0, Math.min(this.levels.length, this.depth));
      } else if (byte === COMMA && this.depth === this.logDepth && this.logDepth > 0) {
        this.endEntry(chunk, { from, to: at, isLast: false }, texts);
        from = at + 1;
      } else if (byte === COLON && this.depth === this.levels.length && this.depth > 0) {
        this.levels[this.depth - 1]!.name = nameOf(this.name);
      }
    }
    if (this.logDepth === 0) this.rest.add(chunk, from, chunk.length);
    else if (this.hasEntries) this.entry.add(chunk, from, chunk.length);
    return texts;
  }

  /** After the last chunk. @throws TypeError for what is no UTF-8 */
  end(): Rest {
    return { text: this.rest.take(), isCutOff: this.depth > 0 || this.inString, logs: this.logs };
  }

  private readString(byte: number): void {
    if (this.isEscaped) this.isEscaped = false;
    else if (byte === BACKSLASH) this.isEscaped = true;
    else if (byte === QUOTE) {
      this.inString = false;
      return;
    }
    if (this.logDepth === 0 && this.name.length <= MAX_NAME_BYTES) this.name.push(byte);
  }

  /** Whether the log begins here. */
  private open(byte: number): boolean {
    const isLog = byte === OPEN_LIST && this.logDepth === 0 && this.isAtLog();
    this.depth += 1;
    if (this.depth <= 2 && this.levels.length === this.depth - 1)
      this.levels.push({ isObject: byte === OPEN_OBJECT, name: '' });
    if (isLog) {
      this.logDepth = this.depth;
      this.logs += 1;
      this.entries = 0;
    }
    return isLog;
  }

  private isAtLog(): boolean {
    const { depth, levels } = this;
    if (depth === 0 || depth !== levels.length || levels.some(({ isObject }) => !isObject)) return false;
    const path = levels.map(({ name }) => name).join('/');
    return path === 'log' || path === 'data/log';
  }

  /** An empty list has no entry; anything else between commas is one, whatever it is. */
  private endEntry(
    chunk: Uint8Array,
    { from, to, isLast }: { from: number; to: number; isLast: boolean },
    texts: string[],
  ): void {
    if (!this.hasEntries) return;
    this.entry.add(chunk, from, to);
    const text = this.entry.take();
    if (isLast && this.entries === 0 && text.trim() === '') return;
    this.entries += 1;
    texts.push(text);
  }
}

/** Bytes that come in pieces and are read as one text. */
class Bytes {
  private parts: Uint8Array[] = [];
  private length = 0;

  constructor(private readonly maxLength: number) {}

  add(chunk: Uint8Array, from: number, to: number): void {
    if (to <= from) return;
    this.length += to - from;
    if (this.length > this.maxLength) throw new RangeError(`more than ${this.maxLength} bytes`);
    // A copy: whoever reads may use the same memory for what comes next.
    this.parts.push(chunk.slice(from, to));
  }

  take(): string {
    const decoder = new TextDecoder('utf-8', { fatal: true });
    const text = this.parts.map((part) => decoder.decode(part, { stream: true })).join('');
    this.parts = [];
    this.length = 0;
    return text + decoder.decode();
  }
}

/** A name may be written with escapes. */
function nameOf(bytes: number[]): string {
  try {
    return JSON.parse(`"${String.fromCharCode(...bytes)}"`) as string;
  } catch (error) {
    if (error instanceof SyntaxError) return '';
    throw error;
  }
}
