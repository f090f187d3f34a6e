/** Sends one picture at a time. What was not answered is sent again as it was: the server knows it, and keeps one. */
import { onBeforeUnmount, ref, type Ref } from 'vue';
import type { UploadedImage, UploadOptions } from '../../../src/client/kaijiangClient.ts';
import { asKaijiangError } from '../../../src/client/kaijiangError.ts';
import { i18n } from '../language.ts';
import { PictureTrouble, preparePicture, type Trouble } from './preparePicture.ts';

export interface PictureSender {
  upload(file: Blob, options: UploadOptions): Promise<UploadedImage>;
  problemOf(thrown: unknown): string;
}

export interface PictureSending {
  state: Ref<'idle' | 'reading' | 'sending'>;
  /** Of what is sent, from 0 to 1. */
  share: Ref<number>;
  /** Of what was chosen; empty: nothing was. */
  preview: Ref<string>;
  problem: Ref<string>;
  /** Whether the same one may be sent again. */
  mayTryAgain: Ref<boolean>;
  /** @returns undefined where it was refused or did not arrive, or while another one is on its way */
  choose(file: File): Promise<UploadedImage | undefined>;
  again(): Promise<UploadedImage | undefined>;
  clear(): void;
}

export function usePicture({ upload, problemOf }: PictureSender): PictureSending {
  const state = ref<'idle' | 'reading' | 'sending'>('idle');
  const share = ref(0);
  const preview = ref('');
  const problem = ref('');
  const mayTryAgain = ref(false);
  const leaving = new AbortController();
  let chosen: Blob | undefined;
  onBeforeUnmount(() => leaving.abort());

  function fail(thrown: unknown): void {
    if (leaving.signal.aborted) return;
    const trouble = troubleOf(thrown);
    problem.value = trouble === undefined ? problemOf(thrown) : i18n.global.t(`picture.${trouble}`);
    mayTryAgain.value = trouble === undefined && chosen !== undefined;
    if (!mayTryAgain.value) preview.value = '';
  }

  async function exclusively<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    if (state.value !== 'idle') return undefined;
    problem.value = '';
    mayTryAgain.value = false;
    try {
      return await work();
    } catch (thrown) {
      fail(thrown);
      return undefined;
    } finally {
      state.value = 'idle';
    }
  }

  async function send(): Promise<UploadedImage> {
    state.value = 'sending';
    share.value = 0;
    const onProgress = (sent: number) => (share.value = sent);
    return upload(chosen!, { onProgress, signal: leaving.signal });
  }

  return {
    ...{ state, share, preview, problem, mayTryAgain },
    choose: (file) =>
      exclusively(async () => {
        state.value = 'reading';
        chosen = undefined;
        const prepared = await preparePicture(file);
        chosen = prepared.file;
        preview.value = prepared.preview;
        return send();
      }),
    again: () => exclusively(send),
    clear: () => {
      preview.value = '';
      problem.value = '';
      mayTryAgain.value = false;
    },
  };
}

/** Of what is refused for good; undefined: it may be tried again. */
function troubleOf(thrown: unknown): Trouble | undefined {
  if (thrown instanceof PictureTrouble) return thrown.trouble;
  const { code, details } = asKaijiangError(thrown);
  if (code === 'PAYLOAD_TOO_LARGE') return 'tooLarge';
  if (code !== 'VALIDATION_FAILED') return undefined;
  return /HEI[CF]/.test(JSON.stringify(details)) ? 'heic' : 'wrongType';
}
