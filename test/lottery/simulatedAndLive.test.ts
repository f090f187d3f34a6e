import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { In } from 'typeorm';
import { UserPointsAccount } from '../../entities/points/UserPointsAccount.ts';
import { simulateRun, type SimulationPlan } from '../../src/draw/simulate.ts';
import { Campaign } from '../../src/lottery/campaign.ts';
import { subjectOf } from '../../src/lottery/simulation/subject.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { onSqlite } from '../support/databases.ts';
import { createUsers, type CampaignOverrides } from '../support/factories.ts';
import { draw, openScene } from './scene.ts';

const DRAWS = 200_000;
const RUNS = 40;
const DINERS = 500;
const PER_REQUEST = 10;
/** With one degree of freedom, and with seven: p = 0.001. */
const CRITICAL_ONE = 10.83;
const CRITICAL_SEVEN = 24.32;
const DAY_MS = 86_400_000;

/** Pity, guarantee, levels, and a chain of prizes of which three run out on the way. */
const CAMPAIGN: CampaignOverrides = {
  campaign: {
    cost_per_draw: 1,
    guarantee_threshold: 8,
    pity_steps: [
      { after: 3, bonus_bp: 1500 },
      { after: 5, bonus_bp: 4000 },
    ],
    level_bonus_bp: { '2': 1000, '3': 2500 },
    seed_rotation_draws: 1_000_000,
  },
  prizes: [
    { p: 500_000, stock: 700 },
    { p: 1_500_000, stock: 2500 },
    { p: 3_000_000, stock: 5000 },
    { p: 2_000_000, stock: null },
    { p: 5_000_000, stock: null },
    { p: 8_000_000, stock: null },
    { p: 1_000_000, stock: null },
  ].map(({ p, stock }, at) => ({
    prize_name: `Prize ${at + 1}`,
    prize_type: 'coupon' as const,
    prize_value: 100 * (at + 1),
    win_probability: p,
    total_quantity: stock,
  })),
};

/** level → diners. */
const LEVELS = { '1': 250, '2': 150, '3': 100 };

interface Outcome {
  wins: number[];
  exhaustedAt: (number | null)[];
}

onSqlite('simulated and live draws', (open) => {
  it(`RL-12 L-11 agree on each prize over ${DRAWS.toLocaleString('en')} live draws, and on when it is gone`, async () => {
    const { live, plan } = await drawLive(await open());
    const runs = Array.from({ length: RUNS }, (_, run): Outcome => simulateRun(plan, run));
    const mean = plan.config.prizes.map((_, at) => meanOf(runs.map(({ wins }) => wins[at]!)));
    const losing = DRAWS - sumOf(mean);
    const terms = [...mean, losing].map((expected, at) => {
      const seen = live.wins[at] ?? DRAWS - sumOf(live.wins);
      return (seen - expected) ** 2 / (expected * (1 + 1 / RUNS));
    });
    terms.forEach((term, at) =>
      assert.ok(term < CRITICAL_ONE, `prize ${at + 1}: χ² ${term}, ${live.wins[at]} and not ${mean[at]}`),
    );
    assert.ok(sumOf(terms) < CRITICAL_SEVEN, `χ² ${sumOf(terms)}: ${live.wins} and not ${mean}`);
    const gone = live.exhaustedAt.filter((end) => end !== null);
    assert.equal(gone.length, 3);
    gone.forEach((end, at) => {
      const ends = runs.map(({ exhaustedAt }) => exhaustedAt[at]!);
      const expected = meanOf(ends);
      const variance = sumOf(ends.map((other) => (other - expected) ** 2)) / (RUNS - 1);
      const term = (end - expected) ** 2 / (variance * (1 + 1 / RUNS));
      assert.ok(term < CRITICAL_ONE, `prize ${at + 1} is gone at ${end} and not at ${expected}: ${term}`);
    });
  }).timeout(900_000);
});

/** The seed is fixed and everybody asks in the same order, so the draws are the same at every run and cannot flake. */
async function drawLive(database: Database): Promise<{ live: Outcome; plan: SimulationPlan }> {
  const scene = await openScene(database, CAMPAIGN);
  await scene.campaign.close();
  const subject = await subjectOf(database, scene.campaignId);
  const userIds = await createUsers(database, DINERS, { points: 1000_00 });
  let from = 0;
  for (const [level, count] of Object.entries(LEVELS)) {
    const which = { user_id: In(userIds.slice(from, (from += count))) };
    await database.transaction((tx) => tx.manager.update(UserPointsAccount, which, { level: Number(level) }));
  }
  let seeds = 0;
  const randomBytes = (bytes: number) =>
    createHash('sha256').update(`live ${seeds++}`).digest().subarray(0, bytes);
  const campaign = await Campaign.open({ ...scene.services, randomBytes }, scene.campaignId);
  await campaign.rotateSeed();
  const { config } = subject;
  const live: Outcome = { wins: config.prizes.map(() => 0), exhaustedAt: config.prizes.map(() => null) };
  for (let round = 0; round < DRAWS / DINERS / PER_REQUEST; round++) {
    const replies = await Promise.all(
      userIds.map((userId) => draw(campaign, userId, `round-${round}`, PER_REQUEST)),
    );
    for (const { draw_no, prize } of replies.flatMap(({ draws }) => draws)) {
      if (prize === null) continue;
      const at = config.prizes.findIndex(({ prize_id }) => prize_id === prize.prize_id);
      live.wins[at]! += 1;
      if (live.wins[at] === config.prizes[at]!.stock) live.exhaustedAt[at] = draw_no;
    }
  }
  await campaign.close();
  const population = { diners: DINERS, levels: LEVELS, startsAtMs: 0, endsAtMs: DAY_MS, freeDrawsPerDay: 0 };
  return { live, plan: { config, draws: DRAWS, runs: RUNS, seed: 'beside live draws', population } };
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function meanOf(values: readonly number[]): number {
  return sumOf(values) / values.length;
}
