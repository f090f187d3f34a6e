/**
 * The fairness log of every campaign, entry by entry: what a single statement cannot check. Read in pages, draws and other
 * entries merged by log_no; what is kept grows with users and prizes, never with draws.
 */
import { leftToWin, type PrizeStock } from '../lottery/leftToWin.ts';
import { Findings } from './checks.ts';
import { Decisions, type DrawLogRow } from './decisions.ts';
import { compareEpochs, readEpochs, seedsOf } from './epochs.ts';
import { readPackedLog } from './packs.ts';
import { comparePublished } from './published.ts';
import type { Invariant, Violation } from './check.ts';
import { LogWalk, type Counted, type EntryLogRow } from './walk.ts';
import type { Snapshot } from './snapshot.ts';

const PAGE_ENTRIES = 10_000;

const CHAIN_HEAD: Invariant = { rule: 'L-5', holds: 'chain_head is the hash of the last log entry' };
const TABLE_VERSION: Invariant = { rule: 'L-5', holds: 'table_version is the last published configuration' };
const STOCK: Invariant = { rule: 'DRAW-3', holds: 'remaining stock is what the log leaves' };
const COUNTERS: Invariant = { rule: 'L-8', holds: 'counters are what the draws give' };

interface CampaignRow {
  campaign_id: number;
  log_no: number | string;
  chain_head: string;
  table_version: number;
}

/** @param seedKey opens the stored seeds; undefined: they are not looked at. */
export async function auditLogs(snapshot: Snapshot, seedKey: Buffer | undefined): Promise<Violation[]> {
  const findings = new Findings();
  const campaigns = await snapshot.query<CampaignRow>(
    'SELECT campaign_id, log_no, chain_head, table_version FROM lottery_campaigns ORDER BY campaign_id',
  );
  for (const campaign of campaigns) {
    const { campaign_id: campaignId } = campaign;
    const epochs = await readEpochs(snapshot, campaignId, seedKey);
    const walk = new LogWalk(campaignId, new Decisions(campaignId, seedsOf(epochs)), findings);
    await walkPages(snapshot, walk, Number(campaign.log_no));
    comparePosition(walk, campaign, findings);
    await compareStock(snapshot, walk, findings);
    await compareCounters(snapshot, walk, findings);
    await comparePublished(snapshot, walk, findings);
    compareEpochs(epochs, walk, findings);
  }
  return findings.violations;
}

async function walkPages(snapshot: Snapshot, walk: LogWalk, lastLogNo: number): Promise<void> {
  for (let after = 0; after < lastLogNo; after += PAGE_ENTRIES) {
    const page = [walk.campaignId, after, after + PAGE_ENTRIES];
    const entries = await snapshot.query<EntryLogRow>(
      `SELECT log_no, kind, payload, chain_hash FROM lottery_fairness_entries
       WHERE campaign_id = ? AND log_no > ? AND log_no <= ? ORDER BY log_no`,
      page,
    );
    const draws = await snapshot.query<DrawLogRow>(
      `SELECT log_no, draw_no, user_id, client_seed, fairness_epoch, table_version, level_bp, period_bp, pity_bp,
         streak_before, roll, interval_from, interval_to, rolled_prize_id, prize_id, is_guarantee, chain_hash, draw_time
       FROM lottery_draws WHERE campaign_id = ? AND log_no > ? AND log_no <= ? ORDER BY log_no`,
      page,
    );
    const packed = await readPackedLog(snapshot, walk.campaignId, { after, to: after + PAGE_ENTRIES });
    const all = packed.length === 0 ? draws : [...packed, ...draws].sort(byLogNo);
    let next = 0;
    for (const draw of all) {
      while (next < entries.length && Number(entries[next]!.log_no) < Number(draw.log_no))
        walk.entry(entries[next++]!);
      walk.draw(draw);
    }
    while (next < entries.length) walk.entry(entries[next++]!);
  }
}

function byLogNo(a: DrawLogRow, b: DrawLogRow): number {
  return Number(a.log_no) - Number(b.log_no);
}

function comparePosition(walk: LogWalk, campaign: CampaignRow, findings: Findings): void {
  const place = `campaign_id ${campaign.campaign_id}`;
  if (campaign.chain_head !== walk.head) {
    findings.add(CHAIN_HEAD, `${place}, chain_head ${campaign.chain_head}, last entry ${walk.head}`);
  }
  if (campaign.table_version !== walk.tableVersion) {
    findings.add(
      TABLE_VERSION,
      `${place}, table_version ${campaign.table_version}, published ${walk.tableVersion}`,
    );
  }
}

async function compareStock(snapshot: Snapshot, walk: LogWalk, findings: Findings): Promise<void> {
  const prizes = await snapshot.query<Omit<PrizeStock, 'won_quantity'> & { prize_id: number }>(
    `SELECT prize_id, remaining_quantity, code_source, codes_total, codes_given
     FROM lottery_prizes WHERE campaign_id = ?`,
    [walk.campaignId],
  );
  for (const prize of prizes) {
    const left = leftToWin(prize);
    const walked = walk.stock.get(prize.prize_id);
    if (walked === undefined || walked === left) continue;
    findings.add(STOCK, `prize_id ${prize.prize_id}, can be won ${left}, by the log ${walked}`);
  }
}

interface CounterRow {
  user_id: number;
  draws: number;
  wins: number;
  streak: number;
  prize_value: number | string;
  first_draw_no: number | string;
}

async function compareCounters(snapshot: Snapshot, walk: LogWalk, findings: Findings): Promise<void> {
  const counted = walk.counted;
  for (let after = 0; ;) {
    const rows = await snapshot.query<CounterRow>(
      `SELECT user_id, draws, wins, streak, prize_value, first_draw_no FROM lottery_user_counters
       WHERE campaign_id = ? AND user_id > ? ORDER BY user_id LIMIT ${PAGE_ENTRIES}`,
      [walk.campaignId, after],
    );
    for (const row of rows) {
      const stored = shownCounter({
        draws: row.draws,
        wins: row.wins,
        streak: row.streak,
        prizeValue: Math.round(Number(row.prize_value) * 100),
        firstDrawNo: Number(row.first_draw_no),
      });
      const given = shownCounter(counted.get(row.user_id));
      counted.delete(row.user_id);
      if (stored !== given) {
        findings.add(
          COUNTERS,
          `campaign_id ${walk.campaignId}, user_id ${row.user_id}: ${stored}; by the draws: ${given}`,
        );
      }
    }
    if (rows.length < PAGE_ENTRIES) break;
    after = rows.at(-1)!.user_id;
  }
  for (const [userId, counter] of counted) {
    findings.add(
      COUNTERS,
      `campaign_id ${walk.campaignId}, user_id ${userId}: none; by the draws: ${shownCounter(counter)}`,
    );
  }
}

function shownCounter(counter: Counted | undefined): string {
  if (counter === undefined) return 'none';
  const { draws, wins, streak, prizeValue, firstDrawNo } = counter;
  return `draws ${draws}, wins ${wins}, streak ${streak}, prize_value ${prizeValue / 100}, first_draw_no ${firstDrawNo}`;
}
