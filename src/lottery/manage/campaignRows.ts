/** The rows that a campaign's document is stored in. */
import { LotteryCampaign } from '../../../entities/lottery/LotteryCampaign.ts';
import { LotteryPrize } from '../../../entities/lottery/LotteryPrize.ts';
import { holdImages } from '../../images/uses.ts';
import { insertAll, insertOne, upsertAll } from '../../platform/database/bulk.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import { genesisOf } from '../../draw/fairness.ts';
import { lockCampaign } from '../ownership.ts';
import { findPrizes, findPrizesOf } from '../prizeRows.ts';
import { nodeSha256 } from '../sha256.ts';
import { campaignColumns, keyOf, prizeColumns, type CampaignRows } from './document.ts';
import type { CampaignBody } from './documentShapes.ts';

/** @throws AppError NOT_FOUND */
export async function readRows(manager: Tx['manager'], campaignId: number): Promise<CampaignRows> {
  const campaign = await manager.findOneBy(LotteryCampaign, { campaign_id: campaignId });
  if (campaign === null) throw new AppError('NOT_FOUND');
  return { campaign, prizes: await findPrizes(manager, campaignId) };
}

/** Of several campaigns, with one statement. */
export async function readRowsOf(
  manager: Tx['manager'],
  campaigns: readonly LotteryCampaign[],
): Promise<CampaignRows[]> {
  const ids = campaigns.map(({ campaign_id }) => campaign_id);
  const all = Map.groupBy(await findPrizesOf(manager, ids), ({ campaign_id }) => campaign_id);
  return campaigns.map((campaign) => ({ campaign, prizes: all.get(campaign.campaign_id) ?? [] }));
}

/** As they are while the campaign is locked: nobody else changes them, its owner included. @throws AppError NOT_FOUND */
export async function lockRows(tx: Tx, campaignId: number): Promise<CampaignRows> {
  if ((await lockCampaign(tx, campaignId)) === undefined) throw new AppError('NOT_FOUND');
  return readRows(tx.manager, campaignId);
}

export interface Written {
  body: CampaignBody;
  editorId: number;
  nowMs: number;
}

/** A draft with all that the body says. */
export async function insertDraft(tx: Tx, { body, editorId, nowMs }: Written): Promise<CampaignRows> {
  const at = new Date(nowMs);
  const campaignId = await insertOne(tx, LotteryCampaign, {
    ...campaignColumns(body),
    status: 'draft',
    remaining_draws: body.total_draws,
    guarantee_threshold: null,
    guarantee_prize_id: null,
    chain_head: '',
    version: 0,
    author_id: editorId,
    editor_id: editorId,
    created_at: at,
    updated_at: at,
  });
  const campaign = await tx.manager.findOneByOrFail(LotteryCampaign, { campaign_id: campaignId });
  campaign.chain_head = genesisOf(campaignId, nodeSha256);
  return writeBody(tx, { campaign, prizes: [] }, { body, editorId, nowMs });
}

/**
 * Writes a body over the rows of a campaign that the transaction holds, and raises its version. What is not in it any more goes,
 * which may be of a draft alone: draws name their prizes. The stock of a prize that is there stays as it is, but for a draft's.
 */
export async function writeBody(
  tx: Tx,
  { campaign, prizes }: CampaignRows,
  { body, editorId, nowMs }: Written,
): Promise<CampaignRows> {
  const campaignId = campaign.campaign_id;
  const stored = await writePrizes(tx, { campaign, prizes }, body, nowMs);
  const ids = new Map(stored.map((prize) => [prize.prize_key, prize.prize_id]));
  const { guarantee, total_draws: total } = body;
  Object.assign(campaign, campaignColumns(body), {
    remaining_draws: total === null ? null : total - campaign.draw_no,
    guarantee_threshold: guarantee?.threshold ?? null,
    guarantee_prize_id: guarantee === null ? null : ids.get(guarantee.prize)!,
    version: campaign.version + 1,
    editor_id: editorId,
    updated_at: new Date(nowMs),
  });
  await tx.manager.save(LotteryCampaign, campaign);
  await holdPictures(tx, campaignId, [body], nowMs);
  return { campaign, prizes: await findPrizes(tx.manager, campaignId) };
}

/** Those that any of the bodies shows, from the draft on, are kept as long as it does. */
export async function holdPictures(
  tx: Tx,
  campaignId: number,
  bodies: readonly CampaignBody[],
  nowMs: number,
): Promise<void> {
  const addresses = bodies.flatMap(({ prizes }) => prizes.map(({ image_url: address }) => address));
  await holdImages(tx, { kind: 'campaign', id: campaignId }, addresses, { nowMs });
}

/** A number of statements that does not depend on how many prizes there are (DB-6). */
async function writePrizes(
  tx: Tx,
  { campaign, prizes }: CampaignRows,
  body: CampaignBody,
  nowMs: number,
): Promise<LotteryPrize[]> {
  const campaignId = campaign.campaign_id;
  const at = new Date(nowMs);
  const known = new Map(prizes.map((prize) => [keyOf(prize), prize]));
  const given = new Set(body.prizes.map(({ key }) => key));
  const gone = prizes.filter((prize) => !given.has(keyOf(prize)));
  if (gone.length > 0)
    await tx.manager.delete(
      LotteryPrize,
      gone.map(({ prize_id }) => prize_id),
    );
  const written = body.prizes.map((prize, place) => ({ ...prizeColumns(prize, place), updated_at: at }));
  const added = written.filter(({ prize_key }) => !known.has(prize_key));
  const stocks = new Map(body.prizes.map(({ key, stock }) => [key, stock]));
  await insertAll(
    tx,
    LotteryPrize,
    added.map((row) => ({
      ...row,
      campaign_id: campaignId,
      ...untouched(stocks.get(row.prize_key)!),
      created_at: at,
    })),
  );
  const all = new Map((await findPrizes(tx.manager, campaignId)).map((row) => [keyOf(row), row]));
  const fallbacks = new Map(body.prizes.map(({ key, fallback }) => [key, fallback]));
  const rows = written.map((row): LotteryPrize => {
    const fallback = fallbacks.get(row.prize_key) ?? null;
    return {
      ...all.get(row.prize_key)!,
      ...row,
      ...(campaign.status === 'draft' && untouched(stocks.get(row.prize_key)!)),
      fallback_prize_id: fallback === null ? null : all.get(fallback)!.prize_id,
    };
  });
  await upsertAll(tx, LotteryPrize, rows);
  return rows;
}

function untouched(stock: number | null) {
  return { total_quantity: stock, remaining_quantity: stock, won_quantity: 0 };
}
