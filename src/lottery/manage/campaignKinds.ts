/** What may be asked for of a campaign, by the names of approvals: to start a draft, and to change what is published. */
export const START = 'campaign.start';
export const CHANGE = 'campaign.change';
export const CAMPAIGN_KINDS = [START, CHANGE] as const;
