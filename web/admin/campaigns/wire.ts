import type { z } from 'zod';
import type {
  CampaignBody,
  CampaignDocument,
  campaignListShape,
} from '../../../src/lottery/manage/documentShapes.ts';

export type { CampaignBody, CampaignDocument };
export type { CampaignStatus } from '../../../entities/lottery/LotteryCampaign.ts';
export type Listed = z.output<typeof campaignListShape>['items'][number];
export type Prize = CampaignBody['prizes'][number];

/** A change of what is published waits for somebody else. */
export interface Waits {
  approval_id: number;
  change_hash: string;
}

export function waits(answer: object): answer is Waits {
  return 'approval_id' in answer && 'change_hash' in answer;
}
