/** What a page holds on to. */
import type { CDPSession } from 'playwright-core';

export interface Held {
  listeners: number;
  nodes: number;
  /** Bytes of what scripts have made; not of their code, nor of what the tools that look at the page keep. */
  bytes: number;
}

/** Kinds of things in a snapshot that scripts make. */
const MADE = new Set([
  'object',
  'array',
  'closure',
  'string',
  'concatenated string',
  'regexp',
  'number',
  'symbol',
]);

interface Snapshot {
  snapshot: { meta: { node_fields: string[]; node_types: [string[], ...unknown[]] } };
  nodes: number[];
}

export async function measureHeld(devtools: CDPSession): Promise<Held> {
  let text = '';
  const take = ({ chunk }: { chunk: string }) => (text += chunk);
  await devtools.send('Performance.enable');
  devtools.on('HeapProfiler.addHeapSnapshotChunk', take);
  // It collects all garbage first.
  await devtools.send('HeapProfiler.takeHeapSnapshot');
  devtools.off('HeapProfiler.addHeapSnapshotChunk', take);
  const { metrics } = await devtools.send('Performance.getMetrics');
  const metric = (name: string) => metrics.find((one) => one.name === name)!.value;
  return {
    listeners: metric('JSEventListeners'),
    nodes: metric('Nodes'),
    bytes: madeIn(JSON.parse(text) as Snapshot),
  };
}

function madeIn({ snapshot, nodes }: Snapshot): number {
  const { node_fields: fields, node_types: types } = snapshot.meta;
  const [type, size] = [fields.indexOf('type'), fields.indexOf('self_size')];
  let bytes = 0;
  for (let at = 0; at < nodes.length; at += fields.length)
    if (MADE.has(types[0][nodes[at + type]!]!)) bytes += nodes[at + size]!;
  return bytes;
}
