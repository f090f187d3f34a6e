export interface RoomName {
  /** The registered room type. */
  type: string;
  /** What the fixed id is made of: campaign-<key>. */
  key: number | string;
  /** The process to open it in, when it is not open; by default the directory chooses. */
  place?: string;
}

export function roomIdOf({ type, key }: RoomName): string {
  return `${type}-${key}`;
}
