/** A prize that somebody shows in a conversation: the content of a message of the type `card`. */
export interface PrizeCard {
  prize: string;
  /** As prizes are typed. */
  type: string;
  campaign: string;
  draw_id: number | null;
}

export function writeCard(card: PrizeCard): string {
  return JSON.stringify({ card: 'prize', ...card });
}

/** undefined: it is no prize that this page knows how to show. Whoever writes a message writes what they like. */
export function readCard(content: string): PrizeCard | undefined {
  try {
    const { card, prize, type, campaign, draw_id } = JSON.parse(content) as Record<string, unknown>;
    if (card !== 'prize' || typeof prize !== 'string') return undefined;
    return {
      prize,
      type: typeof type === 'string' ? type : '',
      campaign: typeof campaign === 'string' ? campaign : '',
      draw_id: typeof draw_id === 'number' ? draw_id : null,
    };
  } catch {
    return undefined;
  }
}
