/**
 * What the product's conversations are compared with: an ordinary Colyseus room over the stock transport, that either stores each
 * message in a TypeORM transaction of its own and then tells everybody (`stored`), or tells everybody and stores nothing (`bare`).
 * Is told which, and the size of its pool. Prints its address once it listens.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Room, Server, type Client } from '@colyseus/core';
import { WebSocketTransport } from '@colyseus/ws-transport';
import { ChatConversation } from '../../entities/chat/ChatConversation.ts';
import { ChatMessage } from '../../entities/chat/ChatMessage.ts';
import { sendShape, type MessageView, type SentMessage } from '../../src/chat/messages.ts';
import { AccessTokens } from '../../src/identity/session/tokens.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { openDataSources } from '../../src/platform/database/dataSource.ts';
import { Database } from '../../src/platform/database/transaction.ts';
import { loadConfig } from '../../src/settings.ts';

const config = loadConfig(process.env);
const [mode, poolSize] = process.argv.slice(2) as ['stored' | 'bare', string];
const database = new Database(
  await openDataSources({ url: config.databaseUrl, replicaUrls: [], poolSize: Number(poolSize) }),
);
const tokens = new AccessTokens({ secret: config.jwtSecret, lifetimeSeconds: 3600, clock: systemClock });

interface Sender {
  userId: number;
  nickname: string;
}

class PlainRoom extends Room {
  override maxClients = 100_000;
  private conversationId!: number;
  private lastSeq = 0;

  static override async onAuth(token: string): Promise<Sender> {
    const { userId, nickname } = tokens.verify(token);
    return { userId, nickname };
  }

  override messages = {
    send: async (client: Client<{ auth: Sender }>, payload: unknown) => {
      const { userId, nickname } = client.auth!;
      const sent = sendShape.parse(payload);
      const createdAt = new Date();
      const { messageId, seq } = await this.number(userId, sent, createdAt);
      const { type, content } = sent;
      const message: MessageView = {
        message_id: messageId,
        seq,
        sender: { user_id: userId, nickname, avatar_url: null, is_staff: false },
        type,
        content,
        created_at: createdAt.toISOString(),
        recalled_at: null,
      };
      this.broadcast('message', message);
      return { message_id: messageId, seq, created_at: message.created_at };
    },
  };

  override onCreate({ conversation_id: conversationId }: { conversation_id: number }): void {
    this.conversationId = conversationId;
    this.setPatchRate(1000);
  }

  private async number(
    userId: number,
    sent: SentMessage,
    at: Date,
  ): Promise<{ messageId: number; seq: number }> {
    if (mode === 'stored') return store(this.conversationId, userId, sent, at);
    this.lastSeq += 1;
    return { messageId: this.lastSeq, seq: this.lastSeq };
  }
}

/** The conversation's row is locked, so that numbers have no gaps. Settles after the commit. */
function store(
  conversationId: number,
  userId: number,
  sent: SentMessage,
  at: Date,
): Promise<{ messageId: number; seq: number }> {
  const work = async (tx: Parameters<Parameters<Database['transaction']>[0]>[0]) => {
    const where = { conversation_id: conversationId };
    const [conversation] = await tx.lock(ChatConversation, { where });
    const seq = conversation!.last_seq + 1;
    const row = { ...where, ...sent, seq, sender_id: userId, created_at: at, recalled_at: null };
    const { identifiers } = await tx.manager.insert(ChatMessage, row);
    await tx.manager.update(ChatConversation, where, { last_seq: seq, updated_at: at });
    return { messageId: Number(identifiers[0]!['message_id']), seq };
  };
  // Its messages are all that it does: they may have every connection.
  return database.retryingTransaction(work, undefined, { isOwner: true });
}

const http = createServer();
const server = new Server({ greet: false, transport: new WebSocketTransport({ server: http }) });
server.define('chat', PlainRoom);
await server.listen(0, '127.0.0.1');
console.log(`listening on http://127.0.0.1:${(http.address() as AddressInfo).port}`);
