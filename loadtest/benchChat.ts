/**
 * `npm run bench:chat`: what conversations carry, measured from another process. Messages that are stored and acknowledged beside
 * those of an ordinary room with one transaction for each; messages that are delivered to many beside those of a room that stores
 * nothing; and a crowd in several rooms of one conversation, of whom everybody must be told everything. Exit 1 where something is
 * not reached, or the books do not balance.
 */
import { runAudit } from './audit.ts';
import { benchFolder } from './bench/benchFolder.ts';
import { onEachDatabase, type BenchedDatabase } from './bench/eachDatabase.ts';
import { machineFigures } from './bench/machine.ts';
import { ServerProcess, Worker } from './bench/processes.ts';
import { createSecrets, serverEnvironment, type Secrets } from './bench/settings.ts';
import { progress, say } from './bench/terminal.ts';
import { compareTalk, type Contender, type Verdict } from './chat/contest.ts';
import type { CrowdJob, CrowdReport } from './chat/crowd.ts';
import { countMessages, prepareChat, type PreparedChat } from './chat/prepare.ts';
import { databaseKind, readCommandLine, whole } from './commandLine.ts';
import { formatCount, formatMs, yes } from './figures.ts';

const USAGE = `npm run bench:chat -- [options]

  --seconds N             length of a round (5)
  --rounds N              rounds in turns, of which the medians are (3)
  --only sqlite|mariadb   one database; by default SQLite, and MariaDB when mariadbd is on PATH
  --talking N             people in the conversation whose messages are stored (4)
  --in-flight N           messages of each of them in flight (50)
  --members N             of the conversation whose messages are delivered (200)
  --crowd N               people in one conversation, of whom all are told (1500)
  --crowd-seconds N       how long they talk, 20 messages a second together (20)
  --seats N               of one room; the others of the crowd sit in audience rooms (600)
  --folder FOLDER         where the databases are made, on a disk (./data)
`;
const PER_SECOND = 20;
const CHARACTERS = 30;
const STORED_AT_LEAST = 8;
const DELIVERED_AT_LEAST = 0.8;
/** So many that neither side waits for anything but its own work. */
const TELLING = { talking: 4, inFlight: 25 };
/** Connections of the ordinary service. More only wait for the conversation's row. */
const POOL = '8';

const options = readCommandLine({
  usage: USAGE,
  known: {
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string' },
    talking: { type: 'string', default: '4' },
    'in-flight': { type: 'string', default: '50' },
    members: { type: 'string', default: '200' },
    crowd: { type: 'string', default: '1500' },
    'crowd-seconds': { type: 'string', default: '20' },
    seats: { type: 'string', default: '600' },
    folder: { type: 'string', default: './data' },
  },
  read: (given) => ({
    seconds: whole('seconds', given.seconds, { most: 300 }),
    rounds: whole('rounds', given.rounds, { most: 99 }),
    only: given.only === undefined ? undefined : databaseKind('only', given.only),
    talking: whole('talking', given.talking, { most: 1000 }),
    inFlight: whole('in-flight', given['in-flight'], { most: 1000 }),
    members: whole('members', given.members, { least: 4, most: 10_000 }),
    crowd: whole('crowd', given.crowd, { most: 20_000 }),
    crowdSeconds: whole('crowd-seconds', given['crowd-seconds'], { most: 3600 }),
    seats: whole('seats', given.seats, { most: 100_000 }),
    folder: given.folder,
  }),
});
const folder = benchFolder(options.folder, 'bench-chat');
process.exitCode = (await run()) ? 0 : 1;

/** @returns whether all holds. */
async function run(): Promise<boolean> {
  say([...machineFigures(folder), `${options.rounds} rounds of ${options.seconds} s in turns`, '']);
  return onEachDatabase({ only: options.only, folder, mariadbFolder: folder }, benchDatabase);
}

interface Prepared {
  chat: PreparedChat;
  environment: NodeJS.ProcessEnv;
}

async function benchDatabase({ newUrl, pid }: BenchedDatabase): Promise<boolean> {
  const prepare = async (name: string, people: number): Promise<Prepared> => {
    progress(`making ${name}`);
    const secrets: Secrets = createSecrets();
    const chat = await prepareChat(await newUrl(name), people, secrets.JWT_SECRET);
    return { chat, environment: serverEnvironment(chat.url, secrets) };
  };
  const { talking, inFlight, members, seconds, rounds, crowd } = options;
  const turns = { seconds, rounds, databasePid: pid };
  const stored = { ours: await prepare('stored', talking), plain: await prepare('ordinary', talking) };
  const told = { ours: await prepare('told', members), plain: await prepare('bare', members) };
  const hall = await prepare('crowd', crowd);
  const storing = await compareTalk({
    ...turns,
    contenders: [ours(stored.ours), plain('stored', stored.plain)],
    load: { talking, inFlight, characters: CHARACTERS },
    measure: 'messagesPerSecond',
    atLeast: STORED_AT_LEAST,
  });
  const telling = await compareTalk({
    ...turns,
    contenders: [ours(told.ours), plain('bare', told.plain)],
    load: { ...TELLING, characters: CHARACTERS },
    measure: 'deliveredPerSecond',
    atLeast: DELIVERED_AT_LEAST,
  });
  const meeting = await measureCrowd(hall);
  const { version, flush } = stored.ours.chat;
  say([
    `${version}, ${flush}`,
    `stored and acknowledged: one conversation, ${talking} people with ${inFlight} messages each in flight`,
    ...storing.lines,
    '',
    `delivered: one conversation, ${members} people of whom ${TELLING.talking} talk with ${TELLING.inFlight} messages each in flight`,
    ...telling.lines,
    '',
    ...meeting.lines,
  ]);
  const books = await Promise.all([stored.ours, told.ours, hall].map(booksOf));
  say([...books.map(({ line }) => line), '']);
  // A ratio that is asked of one database is told of the other.
  const isAsked = pid !== undefined;
  return (storing.holds || !isAsked) && telling.holds && meeting.holds && books.every(({ holds }) => holds);
}

function ours({ chat, environment }: Prepared): Contender {
  return contender('the product', 'src/index.ts', {
    chat,
    environment: { ...environment, CHAT_RATE_PER_SECOND: '1000000' },
  });
}

function plain(mode: 'stored' | 'bare', prepared: Prepared): Contender {
  const name = mode === 'stored' ? 'one transaction for each message' : 'a room that only tells';
  return { ...contender(name, 'loadtest/chat/plainServer.ts', prepared), args: [mode, POOL] };
}

function contender(name: string, script: string, { chat, environment }: Prepared): Contender {
  const { conversationId, diners: people } = chat;
  return { name, script, environment, conversationId, people };
}

async function measureCrowd({ chat, environment }: Prepared): Promise<Verdict> {
  const { crowd, crowdSeconds: seconds, seats } = options;
  progress(`a crowd of ${crowd}`);
  const server = await ServerProcess.start('src/index.ts', {
    ...environment,
    CAMPAIGN_CLIENT_LIMIT: String(seats),
  });
  const { conversationId, diners: people } = chat;
  const report = await new Worker<CrowdJob, CrowdReport>('loadtest/chat/crowd.ts').ask({
    url: server.url,
    ...{ conversationId, people, seconds },
    ...{ messagesPerSecond: PER_SECOND, characters: CHARACTERS },
  });
  await server.stop();
  const stored = await countMessages(chat);
  const { rooms, messages, refused, delivered, missing, doubled, p50Ms, p99Ms, maxMs } = report;
  const isAll = stored === messages && refused + missing + doubled === 0;
  const seated = Object.entries(rooms).map(([roomId, count]) => `${roomId} ${count}`);
  const due = formatCount(messages * crowd);
  return {
    lines: [
      `a crowd of ${formatCount(crowd)}, ${PER_SECOND} messages a second for ${seconds} s; seats: ${seated.join(', ')}`,
      `  ${formatCount(delivered)} of ${due} told, ${missing} missing, ${doubled} doubled, ${refused} refused, ${stored} of ${messages} stored: all: ${yes(isAll)}`,
      `  from sending to hearing: p50 ${formatMs(p50Ms)} ms, p99 ${formatMs(p99Ms)} ms, longest ${formatMs(maxMs)} ms`,
    ],
    holds: isAll,
  };
}

async function booksOf({ environment }: Prepared): Promise<{ line: string; holds: boolean }> {
  const { balanced, output } = await runAudit(environment);
  return { line: output, holds: balanced };
}
