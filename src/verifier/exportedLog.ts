import * as z from 'zod';
import type { LogItem, PublishedFairness } from '../draw/replay.ts';
import { JsonCutter, type Rest } from './jsonCutter.ts';
import { fairnessShape, logItemShape, parsed } from './publishedShapes.ts';
import { NotPublished, type FairnessSource } from './verifyLog.ts';

/** A file that can be read more than once. */
export interface ReadableFile {
  name: string;
  /** @throws {NotPublished} */
  chunks(): AsyncIterable<Uint8Array>;
}

const exportShape = z.object({ fairness: z.record(z.string(), z.unknown()), log: z.array(z.unknown()) });

/**
 * All of a campaign's fairness as GET /lottery/campaigns/:id/fairness-export answers, from a file: with the envelope or without, in
 * any layout and order. It is read twice, since the log may stand before what it is checked against, and is never in memory.
 */
export class ExportedLog implements FairnessSource {
  constructor(private readonly file: ReadableFile) {}

  get name(): string {
    return this.file.name;
  }

  async fairness(): Promise<PublishedFairness> {
    const cutter = new JsonCutter(false);
    for await (const chunk of this.file.chunks()) this.reading(() => cutter.push(chunk));
    const rest = this.reading(() => cutter.end());
    return parsed(fairnessShape, this.exportOf(rest).fairness, null);
  }

  /** All entries that there are: their number is for the replay to compare. */
  async *entries(): AsyncGenerator<LogItem[]> {
    const cutter = new JsonCutter(true);
    let logNo = 0;
    for await (const chunk of this.file.chunks()) {
      const texts = this.reading(() => cutter.push(chunk));
      const items = texts.map((text) => {
        logNo += 1;
        return parsed(logItemShape, this.json(text, `entry ${logNo} of the log`), logNo);
      });
      if (items.length > 0) yield items;
    }
  }

  private exportOf({ text, isCutOff, logs }: Rest): z.output<typeof exportShape> {
    if (text.trim() === '') throw this.problem('is empty');
    if (isCutOff) throw this.problem('is cut off');
    const whole = this.json(text, 'it');
    const { data } = z.object({ data: z.unknown() }).safeParse(whole).data ?? {};
    const found = exportShape.safeParse(data).data ?? exportShape.safeParse(whole).data;
    if (found === undefined || logs === 0)
      throw this.problem('is no fairness export: it has no `fairness` and `log`');
    // Readers of JSON differ in which of two they take.
    if (logs > 1) throw this.problem('is no fairness export: it has more than one `log`');
    return found;
  }

  private json(text: string, what: string): unknown {
    try {
      return JSON.parse(text);
    } catch (error) {
      throw this.problem(`is not JSON: ${what} cannot be parsed`, error);
    }
  }

  private reading<Result>(read: () => Result): Result {
    try {
      return read();
    } catch (error) {
      if (error instanceof RangeError)
        throw this.problem(`is no fairness export: a part of it has ${error.message}`);
      if (error instanceof TypeError) throw this.problem('is not JSON: it is not UTF-8', error);
      throw error;
    }
  }

  private problem(text: string, cause?: unknown): NotPublished {
    return new NotPublished(`${this.file.name} ${text}`, { cause });
  }
}
