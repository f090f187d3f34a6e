import type { ShownTradeView } from '../../../src/trades/messages.ts';

export type Trade = ShownTradeView;

export const LOOKS: Record<Trade['status'], string> = {
  open: '',
  escrow: 'accent',
  disputed: 'warn',
  settled: 'ok',
  cancelled: '',
  expired: '',
};
