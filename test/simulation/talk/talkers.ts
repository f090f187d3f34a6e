import type BetterSqlite3 from 'better-sqlite3';
import type { MessageView } from '../../../src/chat/messages.ts';
import { AppError } from '../../../src/platform/errors.ts';
import type { Random } from '../random.ts';
import type { Trace } from '../trace.ts';
import type { TalkFixture } from './talkFixture.ts';
import type { TalkNode } from './talkNode.ts';

/** A message of somebody, under one name for good. */
interface Letter {
  userId: number;
  clientMsgId: string;
  content: string;
  /** Where it was sent and not answered yet. */
  sentTo: TalkNode[];
  /** Its sender has heard neither where it stands nor a refusal. */
  isOpen: boolean;
  /** As the first answer had it; every later one must be the same. */
  stored: { messageId: number; seq: number } | undefined;
}

/** Unanswered messages at once; more would hide one behind the other. */
const MAX_OPEN = 10;
const CONTENTS = ['hello', '‮abc‬', '<b>5 > 3</b>', 'a​b', '🥟🥢', 'line\nline', 'it\'s \\ "x" \''];

/**
 * People in a group: they talk, send again what was not answered, at any node, ask again for what was, take back, read, and the
 * founder puts people out and brings them in again. Holds every answer against what is committed (RC-15).
 */
export class Talkers {
  private readonly letters: Letter[] = [];
  private readonly row: BetterSqlite3.Statement<unknown[]>;

  constructor(
    private readonly fixture: TalkFixture,
    reader: BetterSqlite3.Database,
    private readonly random: Random,
    private readonly trace: Trace,
  ) {
    this.row = reader.prepare(
      `SELECT message_id, seq, content, recalled_at IS NOT NULL AS is_recalled FROM chat_messages
       WHERE conversation_id = ${fixture.conversationId} AND sender_id = ? AND client_msg_id = ?`,
    );
  }

  get acknowledged(): number {
    return this.letters.filter(({ stored }) => stored !== undefined).length;
  }

  get unanswered(): number {
    return this.letters.filter(({ isOpen }) => isOpen).length;
  }

  /** What somebody has sent under a name. */
  contentOf(userId: number, clientMsgId: string): string | undefined {
    return this.letters.find((one) => one.userId === userId && one.clientMsgId === clientMsgId)?.content;
  }

  act(node: TalkNode): void {
    const { random } = this;
    const open = this.letters.filter(({ isOpen }) => isOpen);
    const stored = this.letters.filter((letter) => letter.stored !== undefined);
    const kind = random.pickWeighted([
      [open.length >= MAX_OPEN ? 0 : 6, 'new'],
      [open.length > 0 ? 2 : 0, 'again'],
      [stored.length > 0 ? 1.5 : 0, 'repeat'],
      [stored.length > 0 ? 0.7 : 0, 'recall'],
      [2, 'read'],
      [0.7, 'members'],
    ] as const);
    if (kind === 'new') this.send(this.newLetter(), node);
    else if (kind === 'again') this.send(random.pick(open), node);
    else if (kind === 'repeat') this.send(random.pick(stored), node);
    else if (kind === 'recall') this.recall(random.pick(stored), node);
    else if (kind === 'read') this.read(node);
    else this.changeMembers(node);
  }

  /** Sends again all that is open and no longer on its way. */
  insist(node: TalkNode): void {
    for (const letter of this.letters)
      if (letter.isOpen && letter.sentTo.every(({ isAlive }) => !isAlive)) this.send(letter, node);
  }

  /** Nothing acknowledged is lost or changed, at the end as at the beginning. */
  checkAll(): void {
    for (const letter of this.letters) if (letter.stored !== undefined) this.checkStored(letter);
  }

  private newLetter(): Letter {
    const { random } = this;
    const clientMsgId = `letter-${this.letters.length + 1}`;
    const content = `${random.pick(CONTENTS)} ${this.letters.length + 1}`;
    const userId = random.pick(this.fixture.userIds);
    const letter = { userId, clientMsgId, content, sentTo: [], isOpen: true, stored: undefined };
    this.letters.push(letter);
    return letter;
  }

  private send(letter: Letter, node: TalkNode): void {
    const { userId, clientMsgId, content } = letter;
    this.trace.add(`${userId} sends ${clientMsgId} to ${node.name}`);
    letter.sentTo.push(node);
    node
      .call('a message', (conversation) =>
        conversation.send(userId, { client_msg_id: clientMsgId, type: 'text', content }),
      )
      .then(
        (message) => this.onStored(letter, message),
        (error: unknown) => this.onError(letter, node, error),
      )
      .finally(() => letter.sentTo.splice(letter.sentTo.indexOf(node), 1));
  }

  private onStored(letter: Letter, { message_id: messageId, seq }: MessageView): void {
    this.trace.add(`${letter.clientMsgId} answered: ${seq}`);
    const known = letter.stored ?? { messageId, seq };
    if (known.messageId !== messageId || known.seq !== seq)
      this.trace.violate(`RC-15 ${letter.clientMsgId} was ${known.seq}, now it is ${seq}`);
    letter.stored = known;
    // Sometimes the answer gets lost on its last way, and it is sent again.
    letter.isOpen &&= this.random.chance(0.1);
    this.checkStored(letter);
  }

  private onError(letter: Letter, node: TalkNode, error: unknown): void {
    node.expect(error, letter.clientMsgId);
    const code = error instanceof AppError ? error.code : 'LOST';
    this.trace.add(`${letter.clientMsgId} refused: ${code}`);
    if (code === 'BUSY' || code === 'MOVED' || code === 'LOST') return;
    letter.isOpen = false;
  }

  private recall({ userId, clientMsgId, stored }: Letter, node: TalkNode): void {
    const asker = this.random.chance(0.8) ? userId : this.random.pick(this.fixture.userIds);
    const { messageId } = stored!;
    const actor = { userId: asker, ip: '', requestId: `recall-${messageId}` };
    this.run(node, `${asker} recalls ${clientMsgId}`, async () => {
      const { content } = await node.call('a recall', (conversation) =>
        conversation.recall(actor, messageId),
      );
      const { is_recalled: isRecalled } = this.row.get(userId, clientMsgId) as { is_recalled: number };
      if (asker !== userId || content !== '' || isRecalled !== 1)
        this.trace.violate(`RC-4 ${clientMsgId} of ${userId} was recalled by ${asker}: ${content}`);
    });
  }

  private read(node: TalkNode): void {
    const userId = this.random.pick(this.fixture.userIds);
    const seq = this.random.below((node.conversation?.lastSeq ?? 0) + 4);
    this.run(node, `${userId} reads ${seq}`, async () => {
      await node.call('a read', (conversation) => conversation.markRead(userId, seq));
    });
  }

  private changeMembers(node: TalkNode): void {
    const [founder, ...others] = this.fixture.userIds as [number, ...number[]];
    const other = this.random.pick(others);
    const isOut = this.random.chance(0.5);
    const change = { userId: founder, add: isOut ? [] : [other], remove: isOut ? [other] : [] };
    this.run(node, `${founder} ${isOut ? 'puts out' : 'brings in'} ${other}`, async () => {
      await node.call('members', (conversation) => conversation.changeMembers(change));
    });
  }

  private run(node: TalkNode, what: string, work: () => Promise<void>): void {
    this.trace.add(`${what} at ${node.name}`);
    work().then(
      () => this.trace.add(`${what}: done`),
      (error: unknown) => {
        this.trace.add(`${what}: refused`);
        node.expect(error, what);
      },
    );
  }

  private checkStored({ userId, clientMsgId, content, stored }: Letter): void {
    const row = this.row.get(userId, clientMsgId) as
      { message_id: number; seq: number; content: string; is_recalled: number } | undefined;
    const isSame = row?.seq === stored!.seq && row.message_id === stored!.messageId;
    if (!isSame || row.content !== (row.is_recalled === 1 ? '' : content))
      this.trace.violate(`RC-15 ${clientMsgId} was told as ${stored!.seq}, stored is ${JSON.stringify(row)}`);
  }
}
