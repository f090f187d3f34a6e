import { closeSync, openSync, writeSync } from 'node:fs';

/** One answered draw request, as it was told to the diner. */
export interface Acknowledged {
  user_id: number;
  request_id: string;
  draw_ids: number[];
  /** null: no prize. */
  prize_ids: (number | null)[];
}

/**
 * Everything the server acknowledged. Kept in memory for the check at the end and, with a file, written there as JSON
 * lines before the event loop turns to anything else, so that the record survives the end of this process.
 */
export class DrawRecord {
  readonly acknowledged: Acknowledged[] = [];
  draws = 0;
  private readonly file: number | undefined;
  private written = 0;
  private scheduled = false;

  constructor(path: string | undefined) {
    this.file = path === undefined ? undefined : openSync(path, 'w');
  }

  add(answer: Acknowledged): void {
    this.acknowledged.push(answer);
    this.draws += answer.draw_ids.length;
    if (this.file === undefined || this.scheduled) return;
    this.scheduled = true;
    // One write for all answers that arrived in this turn.
    setImmediate(() => this.flush());
  }

  close(): void {
    if (this.file === undefined) return;
    this.flush();
    closeSync(this.file);
  }

  private flush(): void {
    this.scheduled = false;
    const lines = this.acknowledged.slice(this.written).map((answer) => `${JSON.stringify(answer)}\n`);
    if (lines.length > 0) writeSync(this.file!, lines.join(''));
    this.written = this.acknowledged.length;
  }
}
