/**
 * What is wrong with a campaign as it is typed, by the server's own shapes and rules: nothing is judged here that is not
 * judged there.
 */
import '../../../../src/verifier/withoutEval.ts';
import { missingDisclosures, type Market } from '../../../../src/draw/market.ts';
import { campaignBodyShape } from '../../../../src/lottery/manage/documentShapes.ts';
import { documentProblems } from '../../../../src/lottery/manage/documentProblems.ts';
import { refuseToStart, refuseWorse } from '../../../../src/lottery/manage/terms.ts';
import { AppError } from '../../../../src/platform/errors.ts';
import type { CampaignBody } from '../wire.ts';

export interface Problem {
  /** Of the document, as `prizes.2.probability`. */
  path: string;
  /** In the server's words. */
  reason: string;
  /** save: it is not taken at all · start: it may not start with it · worse: it is published, and this is worse for diners */
  level: 'save' | 'start' | 'worse';
}

interface Asked {
  market: Market;
  nowMs: number;
  /** What diners were promised; absent: nothing is published yet. */
  published?: CampaignBody | undefined;
}

export function problemsOf(body: CampaignBody, { market, nowMs, published }: Asked): Problem[] {
  const shaped = campaignBodyShape.safeParse(plain(body));
  if (!shaped.success) {
    const wrong = shaped.error.issues.map(({ path, message, code }) => ({
      path: path.join('.'),
      reason: code === 'invalid_type' ? 'is no number' : message,
      level: 'save' as const,
    }));
    // What the rules add to the shapes can be told already where their own fields are whole.
    const known = new Set(wrong.map(({ path }) => path));
    return [...wrong, ...ruled(body).filter(({ path }) => !known.has(path))];
  }
  const found = ruled(shaped.data);
  if (found.length > 0) return found;
  return published === undefined
    ? startProblems(shaped.data, { market, nowMs })
    : worseProblems(published, shaped.data, market);
}

/** As it is sent: what is left empty is left out. */
export function plain(body: CampaignBody): CampaignBody {
  return JSON.parse(JSON.stringify(body)) as CampaignBody;
}

function ruled(body: CampaignBody): Problem[] {
  return documentProblems(body).map(({ path, message }) => ({ path, reason: message, level: 'save' }));
}

interface Refused {
  missing?: string[];
  problems?: { path: string; reason: string }[];
}

function startProblems(body: CampaignBody, { market, nowMs }: Pick<Asked, 'market' | 'nowMs'>): Problem[] {
  const { missing = [], problems = [] } = refused(() => refuseToStart(market, body, nowMs));
  return [
    ...problems.map(({ path, reason }) => ({ path: placed(path, body), reason, level: 'start' as const })),
    ...missing.map((name) => ({
      path: ['prizes', 'quantity_or_odds'].includes(name) ? 'prizes' : `disclosures.${name}`,
      reason: 'is not told',
      level: 'start' as const,
    })),
  ];
}

function worseProblems(before: CampaignBody, after: CampaignBody, market: Market): Problem[] {
  const { problems = [] } = refused(() => refuseWorse(market, before, after));
  return problems.map(({ path, reason }) => ({ path: placed(path, after), reason, level: 'worse' }));
}

function refused(judge: () => void): Refused {
  try {
    judge();
  } catch (error) {
    if (error instanceof AppError) return (error.details ?? {}) as Refused;
    throw error;
  }
  return {};
}

/** The market's rules name prizes by their keys, a document has them in places. */
function placed(path: string, { prizes }: CampaignBody): string {
  return path.replace(/^prizes\.([^.]+)/, (whole, key: string) => {
    const at = prizes.findIndex((prize) => prize.key === key);
    return at < 0 ? whole : `prizes.${at}`;
  });
}

/** Whether all is told that the law asks for. */
export function tellsEverything(body: CampaignBody, market: Market): boolean {
  return missingDisclosures(market, { ...body, prizes: [], guarantee: null }).every(
    (name) => name === 'prizes' || name === 'quantity_or_odds',
  );
}
