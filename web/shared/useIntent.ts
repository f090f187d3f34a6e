import { ref, type Ref } from 'vue';
import { asKaijiangError } from '../../src/client/kaijiangError.ts';
import { createIntent } from './intent.ts';

export interface AskedOnce<Body extends object> {
  isBusy: Readonly<Ref<boolean>>;
  /** It was asked for, and no answer came: only the same may be asked for again. */
  isUnsure: Readonly<Ref<boolean>>;
  /** Why it is not done, in words; empty: nothing has failed since it was asked for last. */
  problem: Ref<string>;
  /**
   * Asks for it, or again for what nobody has answered, as that was, whatever has been read since.
   * @returns undefined while it is asked for already, and when it failed
   */
  ask<Data>(
    body: Body,
    send: (body: Body, idempotencyKey: string) => Promise<Data>,
  ): Promise<Data | undefined>;
}

/** A form whose contents are to be done once (`createIntent`). @param wordsFor says why not */
export function useIntent<Body extends object>(wordsFor: (error: unknown) => string): AskedOnce<Body> {
  const intent = createIntent();
  const isBusy = ref(false);
  const isUnsure = ref(false);
  const problem = ref('');
  let kept: Body | undefined;
  return {
    isBusy,
    isUnsure,
    problem,
    async ask(body, send) {
      if (isBusy.value) return undefined;
      isBusy.value = true;
      problem.value = '';
      const asked = (isUnsure.value && kept) || body;
      kept = asked;
      try {
        const data = await intent(asked, (key) => send(asked, key));
        isUnsure.value = false;
        return data;
      } catch (error) {
        isUnsure.value = asKaijiangError(error).isPassing;
        problem.value = wordsFor(error);
        return undefined;
      } finally {
        isBusy.value = false;
      }
    },
  };
}
