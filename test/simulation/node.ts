import type { Actor as Caller } from '../../src/platform/caller.ts';
import { AppError } from '../../src/platform/errors.ts';
import { Campaign, type CampaignServices } from '../../src/lottery/campaign.ts';
import { uploadCoupons, type UploadServices } from '../../src/lottery/coupons/uploadCoupons.ts';
import { OwnerWatch } from '../../src/platform/actor/ownerWatch.ts';
import { CAMPAIGN_ID, SEED_KEY, TIMEZONE } from './fixture.ts';
import { Life, type LifeParts } from './life.ts';
import { faultOf } from './poison.ts';
import type { Store } from './store.ts';

export interface NodeParts extends LifeParts {
  store: Store<Node>;
  /** The owner says that what it shows has changed. */
  onShown(node: Node): void;
}

/** A life that runs the product's own Campaign. */
export class Node extends Life {
  campaign: Campaign | undefined;
  /** The stock was changed behind its owner's back: until that finds out, what it holds in memory is not what is stored. */
  isDeceived = false;
  /** What it held at that moment. It may be right by chance, while a batch that has read otherwise is on its way. */
  deceivedPool: unknown;
  /** The change of the stock that a batch of its owner has met: each may be met once. */
  private metStockChange = 0;
  private isOpening = false;

  constructor(
    name: string,
    protected override readonly parts: NodeParts,
  ) {
    super(name, parts);
  }

  get canOpen(): boolean {
    return !this.isPaused && !this.isOpening && this.campaign === undefined;
  }

  /** Owns the campaign, as far as it knows, or is about to, and is not stopped. */
  get isOwner(): boolean {
    return !this.isPaused && (this.isOpening || this.campaign !== undefined);
  }

  /** Claims the campaign, whoever owns it. */
  async open(): Promise<void> {
    this.isOpening = true;
    try {
      const campaign = await Campaign.open(this.services(), CAMPAIGN_ID);
      campaign.listen({
        changed: () => this.parts.onShown(this),
        statusChanged: () => this.parts.onShown(this),
        fenced: () => {
          this.parts.trace.add(`${this.name} is fenced`);
          if (this.campaign === campaign) this.campaign = undefined;
        },
      });
      this.campaign = campaign;
      this.parts.trace.add(`${this.name} owns epoch ${campaign.ownerEpoch}`);
      this.parts.onShown(this);
    } catch (error) {
      this.expect(error, 'opening');
    } finally {
      this.isOpening = false;
    }
  }

  /** Runs a call of the campaign as its room would, once the message has arrived here. */
  async call<T>(point: string, work: (campaign: Campaign) => Promise<T>): Promise<T> {
    await this.parts.scheduler.park(this, point);
    if (this.campaign === undefined) throw new AppError('MOVED');
    return work(this.campaign);
  }

  /** As its route adds codes to the pool of a prize. Returns how many there are that count. */
  async upload(upload: { prizeId: number; codes: readonly string[]; actor: Caller }): Promise<number> {
    const owners: UploadServices['owners'] = {
      addCoupons: (_key, coupons) => this.call('coupons', (campaign) => campaign.addCoupons(coupons)),
    };
    const { codes } = await uploadCoupons({ ...this.services(), owners }, upload);
    return codes;
  }

  /** As the node does for all of its owners. */
  async checkOwner(campaign: Campaign): Promise<void> {
    await new OwnerWatch(this.database, this.ownLogger()).check([campaign]);
  }

  /** Lets its owner finish what it has taken. */
  async close(): Promise<void> {
    await this.campaign?.close();
  }

  /** A batch may fail by poison in it, and once by each change of the stock that its owner was not told of (DRAW-5). */
  private expectOfBatch(error: unknown): void {
    const { store, trace } = this.parts;
    const fault = faultOf(error);
    if (fault === undefined) this.expect(error, 'a batch');
    if (fault !== 'stock') return;
    if (this.metStockChange === store.stockChanges)
      trace.violate(`DRAW-5 ${this.name} decides again on stock that is not there`);
    this.metStockChange = store.stockChanges;
  }

  private services(): CampaignServices {
    return {
      database: this.database,
      clock: this.clock,
      logger: this.ownLogger(),
      seedKey: SEED_KEY,
      // What is drawn follows from the seeds: without this no run could be repeated.
      randomBytes: (size) => this.parts.random.bytes(size),
      businessTimezone: TIMEZONE,
      drawRatePerSecond: 1_000_000,
      pause: this.pause,
    };
  }

  /** Nothing else may fail a batch. */
  private ownLogger() {
    return this.logger((error) => this.expectOfBatch(error));
  }
}
