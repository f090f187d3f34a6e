/**
 * `npm run verify -- --campaign ID [--url URL]`: replays every draw of a campaign from what its server publishes to everybody,
 * and from nothing else; `-- --file FILE` from what was saved of GET /lottery/campaigns/ID/fairness-export, without a server.
 * Exit 0: all agrees; 1: a difference; 2: the data cannot be had.
 */
import { parseArgs } from 'node:util';
import { verify, type VerifyTarget } from '../books/verify.ts';
import { serverUrl } from './environment.ts';

const target = targetOf(process.argv.slice(2), process.env);
process.exitCode = typeof target === 'string' ? refuse(target) : await ask(target);

/** What to verify, or what is wrong with the arguments. */
function targetOf(parameters: string[], environment: NodeJS.ProcessEnv): VerifyTarget | string {
  const text = { type: 'string' } as const;
  const options = { campaign: text, url: text, file: text };
  const { values, positionals } = parseArgs({
    args: parameters,
    options: { campaign: { ...text, multiple: true }, url: text, file: { ...text, multiple: true } },
    strict: false,
    allowPositionals: true,
  });
  const unknown = [...Object.keys(values).filter((name) => !(name in options)), ...positionals];
  if (unknown.length > 0)
    return `${unknown[0]} is not an option; there are --campaign ID, --url URL and --file FILE`;
  const { campaign = [], file = [] } = values;
  if (campaign.length + file.length !== 1) return 'one --campaign ID or one --file FILE is required';
  return file.length === 1
    ? fileTarget(file[0], values['url'])
    : serverTarget(campaign[0], values['url'] ?? serverUrl(environment));
}

function fileTarget(
  file: string | boolean | undefined,
  url: string | boolean | undefined,
): VerifyTarget | string {
  if (url !== undefined) return '--url names a server, and --file needs none';
  return typeof file === 'string' && file !== '' ? { file } : '--file FILE is required';
}

function serverTarget(campaign: string | boolean | undefined, url: string | boolean): VerifyTarget | string {
  const campaignId = String(campaign ?? '');
  if (!/^[1-9]\d{0,9}$/.test(campaignId)) return '--campaign ID is required';
  if (!/^https?:$/.test(URL.parse(String(url))?.protocol ?? '')) return '--url must be http://host:port';
  return { campaignId: Number(campaignId), url: String(url) };
}

/** Says whose data it is: a second server on this machine would agree with itself as well. */
function ask(target: VerifyTarget): Promise<number> {
  console.log('file' in target ? `reading ${target.file}` : `asking ${target.url}`);
  return verify(target, (line) => console.log(line));
}

function refuse(problem: string): number {
  console.error(problem);
  return 2;
}
