import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import canonicalize from 'canonicalize';
import { chainHash, entryText, genesisOf, type ChainEntry } from '../../src/draw/fairness.ts';
import { buildOddsTable, findInterval, type DrawConfig, type PrizeConfig } from '../../src/draw/odds.ts';
import { firstAccepted, Roller } from '../../src/draw/roll.ts';
import { nodeSha256 } from '../../src/lottery/sha256.ts';
import { findBinary } from '../support/services.ts';

interface Vectors {
  rolls: {
    server_seed: string;
    campaign_id: number;
    draw_no: number;
    user_id: number;
    client_seed: string;
    hmac: string;
    roll: number;
  }[];
  words: { digest: string; roll: number | null }[];
  odds: {
    bonus_bp: number;
    prizes: Pick<PrizeConfig, 'prize_id' | 'sort_order' | 'p'>[];
    prize_ids: number[];
    cumulative: number[];
    found: [roll: number, prizeId: number | null][];
  }[];
  chains: {
    campaign_id: number;
    genesis: string;
    config: DrawConfig;
    log: { entry: ChainEntry; text: string; chain_hash: string }[];
  }[];
}

const file = (name: string) => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
const committed = readFileSync(file('rolls.json'), 'utf8');
const vectors = JSON.parse(committed) as Vectors;

/** The vectors were computed by an independent implementation of the published format, test/fixtures/rolls.py. */
describe('L-5 draws agree with an independent implementation', () => {
  it('rolls', () => {
    assert.ok(vectors.rolls.length >= 300);
    for (const vector of vectors.rolls) {
      const roller = new Roller(Buffer.from(vector.server_seed, 'hex'), nodeSha256);
      const { campaign_id: campaignId, draw_no: drawNo, user_id: userId, client_seed: clientSeed } = vector;
      const hmac = roller.hmac(`${campaignId}:${drawNo}:${userId}:${clientSeed}`);
      assert.equal(Buffer.from(hmac, 'latin1').toString('hex'), vector.hmac);
      assert.equal(roller.roll({ campaignId, drawNo, userId, clientSeed }), vector.roll);
    }
  });

  it('rejected words', () => {
    assert.ok(vectors.words.some(({ roll }) => roll === null));
    for (const { digest, roll } of vectors.words) {
      const bytes = Buffer.from(digest, 'hex').toString('latin1');
      assert.equal(firstAccepted(bytes) ?? null, roll, digest);
    }
  });

  it('odds tables, scaled ones among them', () => {
    for (const { prizes, bonus_bp, prize_ids, cumulative, found } of vectors.odds) {
      const table = buildOddsTable(prizes.map(asPrize), bonus_bp);
      assert.deepEqual(table, { prizeIds: prize_ids, cumulative });
      for (const [roll, prizeId] of found)
        assert.equal(findInterval(table, roll).prizeId, prizeId, `roll ${roll}`);
    }
  });

  it('hash chains and configuration hashes', () => {
    for (const { campaign_id, genesis, config, log } of vectors.chains) {
      assert.equal(genesisOf(campaign_id, nodeSha256), genesis);
      let head = genesis;
      for (const { entry, text, chain_hash } of log) {
        if (entry.kind === 'config') assert.equal(nodeSha256.hex(canonicalize(config)!), entry.config_hash);
        assert.equal(entryText(entry), text);
        head = chainHash(head, entry, nodeSha256);
        assert.equal(head, chain_hash);
      }
    }
  });

  it('the committed vectors are what the generator writes', function () {
    const python = findBinary('python3');
    if (python === undefined) this.skip();
    const written = execFileSync(python, [file('rolls.py'), '-'], { encoding: 'utf8', maxBuffer: 1 << 24 });
    assert.ok(written === committed, 'test/fixtures/rolls.json differs: run test/fixtures/rolls.py');
  });
});

function asPrize(prize: Pick<PrizeConfig, 'prize_id' | 'sort_order' | 'p'>): PrizeConfig {
  return { name: '', type: 'coupon', value: '0.00', stock: null, fallback_prize_id: null, ...prize };
}
