/** A model as it is stored: a line of JSON with all that is small, and behind it the numbers; compressed, in parts. */
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { z } from 'zod';
import { ITEM_TYPES, type ItemType } from '../../analytics/interactions/readInteractions.ts';
import { PARTS } from '../recommend/parts.ts';

export interface ItemKey {
  type: ItemType;
  id: number;
}

const weightsShape = z.strictObject(
  Object.fromEntries(PARTS.map((part) => [part, z.number()])) as Record<(typeof PARTS)[number], z.ZodNumber>,
);

const headShape = z.object({
  items: z.array(z.object({ type: z.enum(ITEM_TYPES), id: z.int() })),
  weights: weightsShape,
  tasteHalfLifeDays: z.number(),
  trainedAtMs: z.number(),
  people: z.int(),
  /** Entries of somebody of whom one in ten has more. */
  manyEntries: z.number(),
  /** Of what is taken, by the name of a feature. */
  shares: z.record(z.string(), z.number()),
  /** People who took each item in the last week. */
  weekPeople: z.array(z.int()),
});

/** All that serving needs of a model. */
export interface Model extends z.output<typeof headShape> {
  /** As logarithms, of each item. */
  recent: Float32Array;
  /** Of items × items. */
  lift: Float32Array;
  ease: Float32Array;
}

/** Characters of one part: within the 64 KiB of a TEXT. */
const PART_CHARACTERS = 60_000;
const MAGIC = 'kj-model-1\n';
const zip = promisify(gzip);
const unzip = promisify(gunzip);
/** A stored model that unpacks to more than this is none of ours. */
const MOST_BYTES = 64 * 1024 * 1024;

export async function packModel({ recent, lift, ease, ...head }: Model): Promise<string[]> {
  const line = Buffer.from(`${MAGIC}${JSON.stringify(head)}\n`);
  const numbers = [recent, lift, ease].map(({ buffer, byteOffset, byteLength }) =>
    Buffer.from(buffer, byteOffset, byteLength),
  );
  const text = (await zip(Buffer.concat([line, ...numbers]), { level: 1 })).toString('base64');
  return Array.from({ length: Math.ceil(text.length / PART_CHARACTERS) }, (_, at) =>
    text.slice(at * PART_CHARACTERS, (at + 1) * PART_CHARACTERS),
  );
}

/** @throws Error for what is no whole model */
export async function unpackModel(parts: readonly string[]): Promise<Model> {
  const bytes = await unzip(Buffer.from(parts.join(''), 'base64'), { maxOutputLength: MOST_BYTES });
  const headAt = MAGIC.length;
  if (bytes.subarray(0, headAt).toString() !== MAGIC) throw new Error('It is no model that this build knows');
  const headEnd = bytes.indexOf('\n', headAt);
  const head = headShape.parse(JSON.parse(bytes.subarray(headAt, headEnd).toString()));
  const count = head.items.length;
  // Behind a line of any length numbers do not lie where numbers may be read.
  const numbers = new Float32Array(new Uint8Array(bytes.subarray(headEnd + 1)).buffer);
  if (numbers.length !== count + 2 * count * count) throw new Error('Its numbers are not those of its items');
  return {
    ...head,
    recent: numbers.subarray(0, count),
    lift: numbers.subarray(count, count + count * count),
    ease: numbers.subarray(count + count * count),
  };
}
