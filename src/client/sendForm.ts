/** A form with a file on its way: browsers tell how much of one has gone for XMLHttpRequest alone. */
export interface FormRequest {
  url: string;
  headers: Record<string, string>;
  form: FormData;
  signal: AbortSignal;
  /** Called with the share that has gone, from 0 to 1. */
  onProgress?: ((share: number) => void) | undefined;
}

export interface FormAnswer {
  status: number;
  retryAfter: string | null;
  text: string;
}

/** What of it is used: Node has none. */
interface Watched {
  upload: {
    onprogress: ((event: { lengthComputable: boolean; loaded: number; total: number }) => void) | null;
  };
  onload: (() => void) | null;
  onerror: (() => void) | null;
  onabort: (() => void) | null;
  status: number;
  responseText: string;
  open(method: string, url: string): void;
  setRequestHeader(name: string, value: string): void;
  getResponseHeader(name: string): string | null;
  send(form: FormData): void;
  abort(): void;
}

const GIVEN_UP = 'given up';

export async function sendForm(request: FormRequest): Promise<FormAnswer> {
  if (request.signal.aborted) throw new TypeError(GIVEN_UP);
  const { XMLHttpRequest: Watching } = globalThis as { XMLHttpRequest?: new () => Watched };
  if (request.onProgress !== undefined && Watching !== undefined) return watch(new Watching(), request);
  const { url, headers, form, signal } = request;
  const response = await fetch(url, { method: 'POST', headers, body: form, signal });
  const { status, headers: answered } = response;
  return { status, retryAfter: answered.get('retry-after'), text: await response.text() };
}

function watch(asked: Watched, { url, headers, form, signal, onProgress }: FormRequest): Promise<FormAnswer> {
  const giveUp = () => asked.abort();
  return new Promise<FormAnswer>((resolve, reject) => {
    asked.upload.onprogress = ({ lengthComputable, loaded, total }) => {
      if (lengthComputable) onProgress?.(loaded / total);
    };
    asked.onload = () =>
      resolve({
        status: asked.status,
        retryAfter: asked.getResponseHeader('retry-after'),
        text: asked.responseText,
      });
    asked.onerror = () => reject(new TypeError('connection failed'));
    asked.onabort = () => reject(new TypeError(GIVEN_UP));
    signal.addEventListener('abort', giveUp);
    asked.open('POST', url);
    for (const [name, value] of Object.entries(headers)) asked.setRequestHeader(name, value);
    asked.send(form);
  }).finally(() => signal.removeEventListener('abort', giveUp));
}
