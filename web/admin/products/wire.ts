import type { ManagedProductView } from '../../../src/products/messages.ts';

export type Product = ManagedProductView;
export const STATUSES = ['active', 'inactive'] as const satisfies readonly Product['status'][];
