import { LIMITS } from '../src/platform/limits.ts';
import { readCommandLine, whole } from './commandLine.ts';

export interface LoadOptions {
  url: string;
  campaign: number;
  diners: number;
  joined: number;
  seconds: number;
  drawCount: number;
  rate: number;
  code: string;
  firstMobile: number;
  staffMobile: string;
  points: number;
  record: string | undefined;
  audit: boolean;
}

const USAGE = `npm run loadtest -- [options]

  --url URL             server (http://127.0.0.1:2567)
  --campaign ID         campaign to join (1)
  --diners N            diners who draw, each with one request in flight (200)
  --joined N            diners in the room in all; those who do not draw watch the patches (as many as draw)
  --seconds N           how long they draw (60)
  --draw-count N        draws per request, 1 to ${LIMITS.drawsPerRequest} (1)
  --rate N              requests per second and diner; 0: the next as soon as the last is answered (0)
  --points N            points a staff member grants each drawing diner, again when they are used up (1000000)
  --code CODE           login code of everybody (123456)
  --first-mobile N      mobile of the first diner; the others follow (13910000001)
  --staff-mobile N      who grants the points (13800000002)
  --record FILE         writes every acknowledged request there, one JSON line each
  --audit               afterwards: the audit of the books, and every acknowledged draw against the database of
                        DATABASE_URL (also DATABASE_URL for the audit; without it the diners' histories are asked)

The server's limits stay in force. Raise them by its settings: DRAW_RATE_PER_SECOND, AUTH_LOGINS_PER_IP_PER_MINUTE,
REQUESTS_PER_MINUTE, CONNECTIONS_PER_ADDRESS.
The demo campaign gives a diner 1,000 draws a day: more draws need more diners.
The load tester of Colyseus runs too: npx tsx loadtest/scenarios/campaign.ts --help
`;

/** The options of the command line. Prints the usage and ends the process where they are wrong. */
export function readLoadOptions(): LoadOptions {
  return readCommandLine({
    usage: USAGE,
    known: {
      url: { type: 'string', default: 'http://127.0.0.1:2567' },
      campaign: { type: 'string', default: '1' },
      diners: { type: 'string', default: '200' },
      joined: { type: 'string' },
      seconds: { type: 'string', default: '60' },
      'draw-count': { type: 'string', default: '1' },
      rate: { type: 'string', default: '0' },
      points: { type: 'string', default: '1000000' },
      code: { type: 'string', default: '123456' },
      'first-mobile': { type: 'string', default: '13910000001' },
      'staff-mobile': { type: 'string', default: '13800000002' },
      record: { type: 'string' },
      audit: { type: 'boolean', default: false },
    },
    read: (values) => {
      const diners = whole('diners', values.diners, { least: 0, most: 100_000 });
      return {
        url: httpUrl(values.url),
        campaign: whole('campaign', values.campaign, { most: 2_147_483_647 }),
        diners,
        joined: whole('joined', values.joined ?? String(Math.max(1, diners)), {
          least: Math.max(1, diners),
          most: 100_000,
        }),
        seconds: whole('seconds', values.seconds, { most: 86_400 }),
        drawCount: whole('draw-count', values['draw-count'], { most: LIMITS.drawsPerRequest }),
        rate: whole('rate', values.rate, { least: 0, most: 10_000 }),
        points: whole('points', values.points, { most: LIMITS.pointsPerMovement / 100 }),
        code: values.code,
        firstMobile: whole('first-mobile', values['first-mobile'], {
          least: 13_000_000_000,
          most: 19_999_000_000,
        }),
        staffMobile: String(
          whole('staff-mobile', values['staff-mobile'], { least: 13_000_000_000, most: 19_999_999_999 }),
        ),
        record: values.record,
        audit: values.audit,
      };
    },
  });
}

function httpUrl(text: string): string {
  if (/^https?:\/\/[^/]+$/.test(text) && URL.canParse(text)) return text;
  throw new Error(`--url is http(s)://host:port, not ${text}`);
}
