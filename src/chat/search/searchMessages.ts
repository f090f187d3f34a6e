/*
 * Messages of one conversation that have a text in them, the newest first (C-2). Grams say which may have it, their own text whether
 * they do. What has no grams yet is looked through, and so is a part of the newest where a single character is in too many. However
 * long the conversation is, one call reads a bounded part of it and says from where the next one goes on.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { Between, In, LessThan, type EntityManager } from 'typeorm';
import { ChatGram, ChatGramCursor } from '../../../entities/chat/ChatGram.ts';
import { ChatMessage } from '../../../entities/chat/ChatMessage.ts';
import { LIMITS } from '../../platform/limits.ts';
import { foldText } from '../../words/characters.ts';
import { toViews } from '../history.ts';
import { findConversation } from '../membership.ts';
import type { MessageView } from '../messages.ts';
import { gramsFrom, gramsWithin, SEARCHED } from './grams.ts';

export interface Search {
  conversationId: number;
  /** What is looked for, in any width, case and tradition. */
  text: string;
  /** Before this one; absent: from the newest on. */
  beforeSeq: number | undefined;
  limit: number;
}

export interface Found {
  /** In ascending order. */
  items: MessageView[];
  /** Give it as `before_seq` to look further back; null: there is nothing further back. */
  nextBeforeSeq: number | null;
}

/** Messages that may have it, the newest first; all others from `floor` on have not. */
interface Candidates {
  seqs: number[];
  floor: number;
}

/** Grams that are looked at of a text. */
const GRAMS = 8;
/** Messages that are read at once: they may be long. */
const AT_ONCE = 100;

export async function searchMessages(manager: EntityManager, search: Search): Promise<Found> {
  const { conversationId, beforeSeq = Number.MAX_SAFE_INTEGER, limit } = search;
  const folded = foldText(search.text).trim();
  const { last_seq: lastSeq } = await findConversation({ manager }, conversationId);
  const cursor = await manager.findOneBy(ChatGramCursor, { conversation_id: conversationId });
  const before = Math.min(beforeSeq, lastSeq + 1);
  const indexed = Math.min(cursor?.seq ?? 0, before - 1);
  const behind = newestOf(before, indexed + 1);
  const found = await verify(manager, { ...search, folded }, behind);
  if (found.rows.length === limit || found.floor > indexed + 1) return toFound(manager, found);
  const older = await candidatesOf(manager, { conversationId, folded, before: indexed + 1 });
  const rest = await verify(manager, { ...search, folded, limit: limit - found.rows.length }, older);
  return toFound(manager, { rows: [...found.rows, ...rest.rows], floor: rest.floor });
}

interface Verified {
  /** The newest first. */
  rows: ChatMessage[];
  /** All from here on are looked through. */
  floor: number;
}

async function toFound(manager: EntityManager, { rows, floor }: Verified): Promise<Found> {
  return { items: await toViews(manager, rows.toReversed()), nextBeforeSeq: floor <= 1 ? null : floor };
}

/** All of the newest. @param last no older than this one */
function newestOf(before: number, last: number): Candidates {
  const floor = Math.max(last, before - LIMITS.searchedMessages);
  return { seqs: Array.from({ length: Math.max(0, before - floor) }, (_, at) => before - 1 - at), floor };
}

async function candidatesOf(
  manager: EntityManager,
  part: { conversationId: number; folded: string; before: number },
): Promise<Candidates> {
  const { conversationId: conversation_id, folded, before } = part;
  const grams = spread([...gramsWithin(folded)], GRAMS);
  if (grams.length === 0) return singleCharacter(manager, part);
  const take = LIMITS.searchedMessages;
  const lists = await Promise.all(
    grams.map(async (gram) => {
      const rows = await manager.find(ChatGram, {
        select: { conversation_id: true, gram: true, seq: true },
        where: { conversation_id, gram, seq: LessThan(before) },
        order: { seq: 'DESC' },
        take,
      });
      const seqs = rows.map(({ seq }) => seq);
      return { seqs, known: new Set(seqs), floor: seqs.length < take ? 1 : seqs.at(-1)! };
    }),
  );
  // Of those that reach furthest back, the one that fewest have.
  const [rarest] = lists.toSorted((a, b) => a.floor - b.floor || a.seqs.length - b.seqs.length);
  const mayHave = (seq: number) => lists.every(({ known, floor }) => seq < floor || known.has(seq));
  return { seqs: rarest!.seqs.filter(mayHave), floor: rarest!.floor };
}

/** It is in few, all of which are known, or in so many that some are near. */
async function singleCharacter(
  manager: EntityManager,
  {
    conversationId: conversation_id,
    folded,
    before,
  }: { conversationId: number; folded: string; before: number },
): Promise<Candidates> {
  const { first, last } = gramsFrom(folded);
  const rows = await manager.find(ChatGram, {
    where: { conversation_id, gram: Between(first, last) },
    take: LIMITS.searchedMessages,
  });
  if (rows.length === LIMITS.searchedMessages) return newestOf(before, 1);
  const seqs = [...new Set(rows.map(({ seq }) => seq))].filter((seq) => seq < before);
  return { seqs: seqs.sort((a, b) => b - a), floor: 1 };
}

/** Those that have it, until there are enough. */
async function verify(
  manager: EntityManager,
  { conversationId, folded, limit }: { conversationId: number; folded: string; limit: number },
  { seqs, floor }: Candidates,
): Promise<Verified> {
  const found: ChatMessage[] = [];
  let characters = 0;
  for (let from = 0; from < seqs.length; from += AT_ONCE) {
    const seq = In(seqs.slice(from, from + AT_ONCE));
    const rows = await manager.find(ChatMessage, {
      where: { conversation_id: conversationId, seq, type: In([...SEARCHED]) },
      order: { seq: 'DESC' },
    });
    for (const row of rows) {
      characters += row.content.length;
      if (row.recalled_at === null && foldText(row.content).includes(folded)) found.push(row);
      if (found.length === limit) return { rows: found, floor: row.seq };
    }
    const lowest = seqs[from + AT_ONCE - 1];
    if (characters > LIMITS.searchedCharacters && lowest !== undefined) return { rows: found, floor: lowest };
    await turn();
  }
  return { rows: found, floor };
}

/** Some from everywhere. */
function spread<Item>(items: readonly Item[], count: number): Item[] {
  if (items.length <= count) return [...items];
  return Array.from(
    { length: count },
    (_, at) => items[Math.floor((at * (items.length - 1)) / (count - 1))]!,
  );
}
