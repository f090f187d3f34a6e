import type { AccessServices } from '../identity/access/accessChange.ts';
import type { ItemCodes } from './codes.ts';

export interface InventoryServices extends AccessServices {
  itemCodes: ItemCodes;
}
