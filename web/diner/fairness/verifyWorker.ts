/** Replays a whole campaign beside the page, which goes on meanwhile. */
import { verifyFile } from '../../../src/verifier/browser.ts';

addEventListener('message', ({ data }: MessageEvent<Blob>) => {
  verifyFile(data).then(
    (verified) => postMessage(verified),
    (error: unknown) => postMessage({ verdict: 2, lines: [String(error)] }),
  );
});
