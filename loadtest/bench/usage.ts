/** What a measured window has cost: the CPU time of each process, and the phases of the server's batches. */
import { readFileSync } from 'node:fs';
import type { LoadReport } from './load.ts';
import type { BatchMedians, ProbeReport } from './probe.ts';
import type { ServerProcess } from './processes.ts';

/** Of one process: how many cores it has used, and how much of them each draw took. */
export interface CpuUse {
  cores: number;
  perDrawUs: number;
}

export interface Usage {
  server: CpuUse;
  /** Undefined where it cannot be read: it is part of the server, or this system has no /proc. */
  database: CpuUse | undefined;
  /** Of the process that draws; those who watch are in another one. */
  client: CpuUse;
  /** Undefined of a server without batches. */
  batch: BatchMedians | undefined;
}

/** The kernel's unit of times in /proc, on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;

/** One window at a time, of a server that was started with a probe. */
export class UsageMeter {
  private begunMs = 0;
  private databaseMs: number | undefined;

  /** @param databasePid absent: the database is part of the server */
  constructor(
    private readonly server: ServerProcess,
    private readonly databasePid: number | undefined,
  ) {}

  async begin(): Promise<void> {
    await this.server.ask('begin');
    this.databaseMs = this.databaseCpuMs();
    this.begunMs = performance.now();
  }

  async end({ draws, seconds, cpuMs }: LoadReport): Promise<Usage> {
    const elapsedMs = performance.now() - this.begunMs;
    const databaseMs = this.databaseCpuMs();
    const { cpuMs: serverMs, batch }: ProbeReport = await this.server.ask('end');
    // The load tells of the rounds alone, which the window of the others surrounds.
    const drawn = (draws / seconds) * (elapsedMs / 1000);
    const useOf = (usedMs: number) => ({ cores: usedMs / elapsedMs, perDrawUs: (usedMs * 1000) / drawn });
    return {
      server: useOf(serverMs),
      database:
        databaseMs === undefined || this.databaseMs === undefined
          ? undefined
          : useOf(databaseMs - this.databaseMs),
      client: { cores: cpuMs / (seconds * 1000), perDrawUs: (cpuMs * 1000) / draws },
      batch,
    };
  }

  private databaseCpuMs(): number | undefined {
    return this.databasePid === undefined ? undefined : cpuMsOf(this.databasePid);
  }
}

/** CPU time of another process with all of its threads, if this system tells it. */
export function cpuMsOf(pid: number): number | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // Behind the name, which may have any characters, utime and stime are the 12th and the 13th value.
  const values = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(values[11]) + Number(values[12])) * 1000) / TICKS_PER_SECOND;
}
