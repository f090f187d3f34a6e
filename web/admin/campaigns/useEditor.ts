/**
 * A campaign as somebody edits it: what is stored, what is typed, and what is wrong with that.
 * States: loading → editing (unsaved or not) → saving → editing; a save that somebody else was before leads to a conflict,
 * which is resolved field by field and saved anew.
 */
import { computed, reactive, ref, shallowRef } from 'vue';
import { KaijiangError } from '../../../src/client/kaijiangError.ts';
import { createIntent } from '../../shared/intent.ts';
import { market, serverNow } from '../about.ts';
import { isSame, threeWay, type FieldDiff } from '../parts/threeWay.ts';
import { client } from '../session.ts';
import { plain, problemsOf } from './editor/check.ts';
import { waits, type CampaignBody, type CampaignDocument, type Prize, type Waits } from './wire.ts';

const OF_A_PRIZE = [
  'key',
  'name',
  'type',
  'tier',
  'value',
  'stock',
  'probability',
  'sort_order',
  'fallback',
  'image_url',
  'code_source',
] as const;
const NOT_WRITTEN = [
  'campaign_id',
  'version',
  'status',
  'table_version',
  'author_id',
  'editor_id',
  'pending_approval_id',
  'created_at',
  'updated_at',
];

export const keyOfItem = (path: string, item: Record<string, unknown>) =>
  path === 'prizes' && typeof item['key'] === 'string' ? item['key'].replace(/\./g, '·') : undefined;

export interface Conflict {
  fields: FieldDiff[];
  theirs: CampaignDocument;
}

/** What of a document somebody writes. */
export function bodyOf(document: CampaignDocument): CampaignBody {
  const body = Object.fromEntries(Object.entries(document).filter(([name]) => !NOT_WRITTEN.includes(name)));
  const prizes = document.prizes.map((prize) => {
    const written = Object.fromEntries(OF_A_PRIZE.map((name) => [name, prize[name]]));
    if (prize.code_source === null) delete written['code_source'];
    return written as unknown as Prize;
  });
  return plain({ ...body, prizes } as unknown as CampaignBody);
}

export function useEditor() {
  const stored = shallowRef<CampaignDocument>();
  const body = ref<CampaignBody>();
  const conflict = shallowRef<Conflict>();
  const making = createIntent();
  /** What was typed is compared with this. */
  let base: CampaignBody | undefined;
  const saved = ref(0);

  const isUnsaved = computed(() => {
    void saved.value;
    return body.value !== undefined && (base === undefined || !isSame(plain(body.value), base));
  });
  const isPublished = computed(() => stored.value !== undefined && stored.value.status !== 'draft');
  const problems = computed(() => {
    void saved.value;
    if (body.value === undefined) return [];
    const published = isPublished.value ? base : undefined;
    return problemsOf(body.value, { market: market.value, nowMs: serverNow(), published });
  });

  function take(document: CampaignDocument, typed?: CampaignBody): void {
    stored.value = document;
    base = bodyOf(document);
    body.value = typed ?? plain(base);
    saved.value++;
  }

  async function load(campaignId: number): Promise<void> {
    take(await client.api.get<CampaignDocument>(`/admin/campaigns/${campaignId}`));
  }

  /** @returns what waits for somebody else, where it does @throws KaijiangError but for a conflict, which is shown */
  async function save(): Promise<Waits | 'saved' | 'conflict'> {
    const typed = plain(body.value!);
    if (stored.value === undefined) {
      const made = await making(typed, (idempotencyKey) =>
        client.api.post<CampaignDocument>('/admin/campaigns', typed, { idempotencyKey }),
      );
      take(made);
      return 'saved';
    }
    const { campaign_id: id, version } = stored.value;
    try {
      const answer = await client.api.put<CampaignDocument | Waits>(`/admin/campaigns/${id}`, {
        version,
        ...typed,
      });
      if (waits(answer)) {
        take({ ...stored.value, pending_approval_id: answer.approval_id });
        return answer;
      }
      take(answer);
      return 'saved';
    } catch (error) {
      if (!(error instanceof KaijiangError) || error.code !== 'CONFLICT') throw error;
      const theirs = (error.details as { current?: CampaignDocument } | undefined)?.current;
      if (theirs === undefined) throw error;
      const versions = { base, mine: typed, theirs: bodyOf(theirs) };
      conflict.value = { fields: threeWay(versions, keyOfItem), theirs };
      // They wrote what is typed here already.
      if (conflict.value.fields.length === 0) resolve({});
      return 'conflict';
    }
  }

  /** Goes on from theirs with what was chosen of mine. */
  function resolve(taken: Record<string, 'mine' | 'theirs'>): void {
    const { fields, theirs } = conflict.value!;
    const mine = plain(body.value!);
    const merged = bodyOf(theirs);
    mergePrizes(merged, mine, { fields, taken });
    for (const { path, mine: value } of fields)
      if (taken[path] === 'mine' && !path.startsWith('prizes.')) put(merged, path.split('.'), value);
    conflict.value = undefined;
    take(theirs, merged);
  }

  return reactive({ stored, body, conflict, isUnsaved, isPublished, problems, take, load, save, resolve });
}

export type Editor = ReturnType<typeof useEditor>;

interface Choice {
  fields: readonly FieldDiff[];
  taken: Record<string, 'mine' | 'theirs'>;
}

/** Prizes that only one of the two has are there, or not, as a whole: by what was chosen of their names. */
function mergePrizes(merged: CampaignBody, mine: CampaignBody, { fields, taken }: Choice): void {
  const escaped = (key: string) => key.replace(/\./g, '·');
  const isMine = (key: string, field: string) => taken[`prizes.${escaped(key)}.${field}`] === 'mine';
  const myKeys = new Set(mine.prizes.map(({ key }) => key));
  const theirKeys = new Set(merged.prizes.map(({ key }) => key));
  merged.prizes = merged.prizes.filter(({ key }) => myKeys.has(key) || !isMine(key, 'key'));
  for (const prize of mine.prizes)
    if (!theirKeys.has(prize.key) && isMine(prize.key, 'key')) merged.prizes.push(prize);
  for (const prize of merged.prizes)
    for (const { path, mine: value } of fields) {
      const [list, key, field] = path.split('.');
      if (
        list === 'prizes' &&
        key === escaped(prize.key) &&
        field !== 'key' &&
        myKeys.has(prize.key) &&
        taken[path] === 'mine'
      )
        put(prize, [field!], value);
    }
}

function put(into: object, [name, ...rest]: string[], value: unknown): void {
  const there = into as Record<string, unknown>;
  if (rest.length === 0) {
    if (value === undefined) delete there[name!];
    else there[name!] = value;
  } else put((there[name!] ??= {}) as object, rest, value);
}
