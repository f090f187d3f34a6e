import { matchMaker } from '@colyseus/core';
import { z } from 'zod';
import { publish, type Topic } from '../platform/cluster/topic.ts';
import { FirstTime } from '../platform/firstTime.ts';
import type { Logger } from '../platform/logger.ts';

export interface PersonalFeedOptions<Message> {
  logger: Logger;
  channel: string;
  /** What one message for all nodes has several of. */
  shape: z.ZodType<Message>;
  /** Told of, in the log. */
  about: string;
  /** Each of what was published, on whichever node. */
  onHeard(message: Message): void;
}

/** The rooms of people on this node, and what a commit anywhere has for them. What is published while a node does not hear is lost. */
export class PersonalFeed<Message, Told> {
  private readonly listeners = new Map<number, (told: Told) => void>();
  private readonly topic: Topic<string, Message[]>;
  private readonly malformed = new FirstTime();
  private isSubscribed = false;

  constructor(private readonly options: PersonalFeedOptions<Message>) {
    this.topic = { channel: (name) => name, shape: z.array(options.shape) };
  }

  get isEmpty(): boolean {
    return this.listeners.size === 0;
  }

  /** Those who have a room here. */
  get present(): number[] {
    return [...this.listeners.keys()];
  }

  /** For the one room of a person on this node. @returns the end of it */
  listen(userId: number, listener: (told: Told) => void): () => void {
    this.subscribe();
    this.listeners.set(userId, listener);
    return () => {
      if (this.listeners.get(userId) === listener) this.listeners.delete(userId);
    };
  }

  tell(userId: number, told: Told): void {
    this.listeners.get(userId)?.(told);
  }

  /** One message for all of a commit, for all nodes. */
  publish(messages: Message[]): void {
    const { channel, logger, about } = this.options;
    if (messages.length === 0) return;
    publish(this.topic, channel, messages).catch((error: unknown) =>
      logger.warn({ err: error }, `${about} were not published`),
    );
  }

  private subscribe(): void {
    const { channel, logger, about } = this.options;
    if (this.isSubscribed) return;
    this.isSubscribed = true;
    Promise.resolve(matchMaker.presence.subscribe(channel, this.heard)).catch((error: unknown) => {
      this.isSubscribed = false;
      logger.warn({ err: error }, `${about} are not listened to`);
    });
  }

  /** Whatever is of another shape, as of a later build, is passed over: the others of its commit are told. */
  private readonly heard = (published: unknown): void => {
    const { logger, about, shape, onHeard } = this.options;
    for (const message of Array.isArray(published) ? published : [published]) {
      const { success, data, error } = shape.safeParse(message);
      if (success) onHeard(data);
      else if (this.malformed.of(String(error.issues[0]?.path)))
        logger.warn({ issues: error.issues.slice(0, 3) }, `a malformed message of ${about}`);
    }
  };
}
