import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closeDataSources, openDataSources } from '../../src/platform/database/dataSource.ts';

/** One migrated database file in a folder of its own, of which every run has a copy. */
export class Template {
  static async open(): Promise<Template> {
    const folder = mkdtempSync(join(tmpdir(), 'kaijiang-sim-'));
    const template = new Template(folder);
    // Closing it brings everything from the log into the one file.
    await closeDataSources(
      await openDataSources({ url: urlOf(template.file), replicaUrls: [], poolSize: 1 }),
    );
    return template;
  }

  private readonly file: string;
  private copies = 0;

  private constructor(private readonly folder: string) {
    this.file = join(folder, 'template.db');
  }

  /** The copy is gone when the work is done. */
  async onCopy<T>(work: (url: string) => Promise<T>): Promise<T> {
    const file = join(this.folder, `copy-${++this.copies}.db`);
    copyFileSync(this.file, file);
    try {
      return await work(urlOf(file));
    } finally {
      for (const suffix of ['', '-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true });
    }
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function urlOf(file: string): string {
  return `sqlite:${file}`;
}
