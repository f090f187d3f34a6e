/**
 * `npm run verify -- --campaign ID [--url URL]`: replays every draw of a campaign from what its server publishes to everybody,
 * and from nothing else. Exit 0: all agrees; 1: a difference; 2: the data cannot be had.
 */
import { parseArgs } from 'node:util';
import { verify, type VerifyTarget } from '../books/verify.ts';
import { serverUrl } from './environment.ts';

const target = targetOf(process.argv.slice(2), process.env);
process.exitCode = typeof target === 'string' ? refuse(target) : await ask(target);

/** What to verify, or what is wrong with the arguments. */
function targetOf(parameters: string[], environment: NodeJS.ProcessEnv): VerifyTarget | string {
  const options = { campaign: { type: 'string' }, url: { type: 'string' } } as const;
  const { values, positionals } = parseArgs({
    args: parameters,
    options,
    strict: false,
    allowPositionals: true,
  });
  const unknown = [...Object.keys(values).filter((name) => !(name in options)), ...positionals];
  if (unknown.length > 0) return `${unknown[0]} is not an option; there are --campaign ID and --url URL`;
  const campaignId = String(values['campaign'] ?? '');
  if (!/^[1-9]\d{0,9}$/.test(campaignId)) return '--campaign ID is required';
  const url = String(values['url'] ?? serverUrl(environment));
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) return '--url must be http://host:port';
  return { campaignId: Number(campaignId), url };
}

/** Says whose data it is: a second server on this machine would agree with itself as well. */
function ask(target: VerifyTarget): Promise<number> {
  console.log(`asking ${target.url}`);
  return verify(target, (line) => console.log(line));
}

function refuse(problem: string): number {
  console.error(problem);
  return 2;
}
