import { asKaijiangError } from '../../src/client/kaijiangError.ts';
import { createRequestId } from '../../src/client/requestId.ts';

/** @param contents all that is asked for @param ask gets the key for `idempotencyKey` */
export type Intent = <Data>(contents: object, ask: (key: string) => Promise<Data>) => Promise<Data>;

/**
 * Something that is to be done once, however often it has to be asked for: the key that names it is kept until the server has
 * answered, and is another one for other contents.
 */
export function createIntent(): Intent {
  let open: { key: string; contents: string } | undefined;
  return async (contents, ask) => {
    const text = JSON.stringify(contents);
    if (open?.contents !== text) open = { key: createRequestId(), contents: text };
    try {
      const data = await ask(open.key);
      open = undefined;
      return data;
    } catch (error) {
      if (!asKaijiangError(error).isPassing) open = undefined;
      throw error;
    }
  };
}

/** Of several that are asked for beside each other: an intent of each, by its number. */
export function createIntents(): (id: number) => Intent {
  const intents = new Map<number, Intent>();
  return (id) => {
    const intent = intents.get(id) ?? createIntent();
    intents.set(id, intent);
    return intent;
  };
}
