/** What a hybrid is made of. recent: how popular something is lately; the others: how much likelier it is for this person. */
export const PARTS = ['recent', 'lift', 'ease', 'content'] as const;
export type Part = (typeof PARTS)[number];
