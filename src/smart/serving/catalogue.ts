/** All that could be recommended to somebody now, as this node has read it a moment ago. Whoever is given any of it, it is looked at again. */
import type { Clock } from '../../platform/clock.ts';
import { coalesce } from '../../platform/coalesce.ts';
import type { Database } from '../../platform/database/transaction.ts';
import { toWirePoints } from '../../platform/shapes.ts';
import { findOpenCampaigns } from '../../lottery/openCampaigns.ts';
import { findWays } from '../../points/ways.ts';
import { findOfferedProducts } from '../../products/offeredProducts.ts';
import { productImages } from '../../products/products.ts';
import { findOpenOffers } from '../../trades/openOffers.ts';
import { featureNames, type Features } from '../recommend/content.ts';
import type { ItemKey } from '../training/packedModel.ts';
import { keyOf } from './readyModel.ts';

export interface Offered {
  /** What is shown, and taken. */
  key: ItemKey;
  /** What tastes are learned of: an offer is there once, its product again and again. */
  taste: ItemKey;
  title: string;
  imageUrl: string | null;
  /** Of a draw or a piece, in whole points; null: it costs nothing. */
  price: number | null;
  /** Since when it is offered. */
  sinceMs: number;
  endsAtMs: number | null;
  names: readonly string[];
  features: Features;
  /** The type of a rule. */
  wayType?: string;
}

/** Of each type, the newest. */
const MOST = 300;
/** After so long it is read anew, by whoever asks then. */
const KEPT_MS = 3000;

export class Catalogue {
  private kept: { items: readonly Offered[]; atMs: number } | undefined;

  constructor(private readonly services: { database: Database; clock: Clock }) {}

  async items(): Promise<readonly Offered[]> {
    const nowMs = this.services.clock.monotonicMs();
    if (this.kept === undefined || nowMs - this.kept.atMs > KEPT_MS) await this.refresh();
    return this.kept!.items;
  }

  /** What is known of things that people have had to do with, as far as they are still offered. */
  async featuresOf(items: readonly ItemKey[]): Promise<ReadonlyMap<string, Features>> {
    const offered = await this.items();
    const asked = new Set(items.map(keyOf));
    return new Map(
      offered.flatMap(({ taste, features }) => (asked.has(keyOf(taste)) ? [[keyOf(taste), features]] : [])),
    );
  }

  private readonly refresh = coalesce(async () => {
    const { database, clock } = this.services;
    const [manager, nowMs] = [database.currentReader, clock.nowMs()];
    const [campaigns, products, offers, ways] = await Promise.all([
      findOpenCampaigns(manager, nowMs, MOST),
      findOfferedProducts(manager, MOST),
      findOpenOffers(manager, nowMs, MOST),
      findWays(manager, nowMs),
    ]);
    const pictures = await productImages(
      manager,
      offers.map(({ product_id: id }) => id),
    );
    const items = [
      ...campaigns.map((one) =>
        offeredOf('campaign', one.campaignId, {
          title: one.name,
          imageUrl: one.imageUrl,
          price: toWirePoints(one.cost) || null,
          value: toWirePoints(one.value),
          sinceMs: one.startsAtMs,
          endsAtMs: one.endsAtMs,
          restaurants: one.restaurantIds,
          text: one.prizeNames.join(' '),
        }),
      ),
      ...products.map((one) =>
        offeredOf('product', one.product_id, {
          title: one.name,
          imageUrl: one.image_url,
          price: toWirePoints(one.price) || null,
          sinceMs: one.created_at.getTime(),
          text: one.description,
        }),
      ),
      ...offers.map((one) => ({
        ...offeredOf('offer', one.trade_id, {
          title: one.item_name,
          imageUrl: pictures.get(one.product_id) ?? null,
          price: toWirePoints(one.price) || null,
          sinceMs: one.created_at.getTime(),
          endsAtMs: one.expires_at.getTime(),
        }),
        taste: { type: 'offer' as const, id: one.product_id },
      })),
      ...ways.map((one) => ({
        ...offeredOf('way', one.ruleId, {
          title: one.name,
          // When it was published is not known of it: it is no news.
          sinceMs: 0,
          endsAtMs: one.definition.ends_at === null ? null : Date.parse(one.definition.ends_at),
        }),
        wayType: one.type,
      })),
    ];
    this.kept = { items, atMs: clock.monotonicMs() };
  });
}

interface Facts {
  title: string;
  imageUrl?: string | null;
  price?: number | null;
  value?: number;
  sinceMs: number;
  endsAtMs?: number | null;
  restaurants?: readonly number[];
  text?: string;
}

function offeredOf(
  type: ItemKey['type'],
  id: number,
  {
    title,
    imageUrl = null,
    price = null,
    value,
    sinceMs,
    endsAtMs = null,
    restaurants = [],
    text = '',
  }: Facts,
): Offered {
  const features = { type, price, value: value ?? null, restaurants, text: `${title} ${text}` };
  const key = { type, id };
  const names = featureNames(features);
  return { key, taste: key, title, imageUrl, price, sinceMs, endsAtMs, names, features };
}
