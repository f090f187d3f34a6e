import { Between } from 'typeorm';
import { StreamedEvent } from '../../../entities/platform/StreamedEvent.ts';
import { fromSqlTime } from '../../platform/database/sqlValues.ts';
import type { Database } from '../../platform/database/transaction.ts';
import { toWireTime } from '../../platform/shapes.ts';

/** An event as it is sent. */
export interface Frame {
  streamId: number;
  type: string;
  text: string;
}

interface StreamRow {
  stream_id: number | string;
  event_id: number;
  event_type: string;
  user_id: number | null;
  event_data: string;
  created_at: Date | string;
  is_simulated: number | boolean;
}

/** The next frames after a number, in their order. */
export async function readFrames(database: Database, after: number, limit: number): Promise<Frame[]> {
  const rows = await database.readCurrent<StreamRow>(
    `SELECT s.stream_id, e.event_id, e.event_type, e.user_id, e.event_data, e.created_at, e.is_simulated
     FROM event_stream s JOIN business_events e ON e.event_id = s.event_id
     WHERE s.stream_id > ? ORDER BY s.stream_id LIMIT ${limit}`,
    [after],
  );
  return rows.map(frameOf);
}

/** Whether every number from there to `last` is kept: one that is left out, or was forgotten, cannot be told of. */
export async function isWhole(
  database: Database,
  { after, last }: { after: number; last: number },
): Promise<boolean> {
  if (after >= last) return after === last;
  const between = { stream_id: Between(after + 1, last) };
  return (await database.currentReader.countBy(StreamedEvent, between)) === last - after;
}

function frameOf(row: StreamRow): Frame {
  const streamId = Number(row.stream_id);
  const data = {
    event_id: row.event_id,
    type: row.event_type,
    user_id: row.user_id,
    simulated: Boolean(row.is_simulated),
    created_at: toWireTime(fromSqlTime(row.created_at)),
    data: dataOf(row.event_data),
  };
  return { streamId, type: row.event_type, text: frameText(row.event_type, streamId, data) };
}

/** In one line each: JSON has no others. */
export function frameText(event: string, id: number, data: unknown): string {
  return `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

function dataOf(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return null;
  }
}
