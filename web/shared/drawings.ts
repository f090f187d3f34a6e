/** Drawings of the design: icons are lines of 1.75 on 24, food is a spot of colour under lines on 64. */
export const ICONS = {
  back: '<path d="M15 4.5 7.5 12l7.5 7.5"/>',
  chev: '<path d="M9.5 5.5 16 12l-6.5 6.5"/>',
  more: '<path d="M5.5 12h.01M12 12h.01M18.5 12h.01" stroke-width="2.6"/>',
  shield:
    '<path d="M12 3l7.5 3v5.5c0 4.5-3 7.5-7.5 9.5-4.5-2-7.5-5-7.5-9.5V6z"/><path d="M8.5 12l2.5 2.5 4.5-5"/>',
  x: '<path d="M6 6l12 12M18 6 6 18"/>',
  bell: '<path d="M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15z"/><path d="M10.2 21h3.6"/>',
  clock: '<circle cx="12" cy="12" r="8.5"/><path d="M12 7v5l3.5 2"/>',
  copy: '<rect x="8.5" y="8.5" width="11" height="11" rx="2.5"/><path d="M15.5 5.5v-.5A1.5 1.5 0 0 0 14 3.5H6A2.5 2.5 0 0 0 3.5 6v8A1.5 1.5 0 0 0 5 15.5h.5"/>',
  check: '<path d="M5 12.5l4.5 4.5L19 7.5"/>',
  ticket:
    '<path d="M4.5 6h15A1.5 1.5 0 0 1 21 7.5v2.3a2.2 2.2 0 0 0 0 4.4v2.3a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 16.5v-2.3a2.2 2.2 0 0 0 0-4.4V7.5A1.5 1.5 0 0 1 4.5 6z"/><path d="M14.5 6v2.5M14.5 10.8v2.4M14.5 15.5V18"/>',
  persimmon:
    '<path d="M12 5.5c5 0 8.8 2.9 8.8 7.4S17 20.7 12 20.7s-8.8-3.3-8.8-7.8S7 5.5 12 5.5z"/><path d="M12 7.8C10.8 5.6 8.7 4.9 6.6 5.6c.8 2.1 2.9 3.2 5.4 2.2zM12 7.8c1.2-2.2 3.3-2.9 5.4-2.2-.8 2.1-2.9 3.2-5.4 2.2z" fill="currentColor"/><path d="M12 6.5V3.2"/>',
  bowl: '<path d="M3.5 11.5h17a8.5 8.5 0 0 1-5 7.6v1.4h-7v-1.4a8.5 8.5 0 0 1-5-7.6z"/><path d="M9 8.2c-.9-1.6.9-2.4 0-4.2M14.2 8.2c-.9-1.6.9-2.4 0-4.2"/>',
  picture:
    '<rect x="3.5" y="5" width="17" height="14" rx="2.5"/><circle cx="9" cy="10" r="1.6"/><path d="M4 17l4.5-4 3.5 3 3.5-3.5L20 17"/>',
  me: '<circle cx="12" cy="8.2" r="4"/><path d="M4.5 20c.9-3.8 3.9-5.6 7.5-5.6s6.6 1.8 7.5 5.6"/>',
  store:
    '<path d="M4.5 9.5 6 4.5h12l1.5 5M4.5 9.5a2.5 2.5 0 0 0 5 0 2.5 2.5 0 0 0 5 0 2.5 2.5 0 0 0 5 0M5.5 12.5v7h13v-7M10 19.5v-4h4v4"/>',
  moon: '<path d="M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z"/>',
  reload: '<path d="M19.5 12a7.5 7.5 0 1 1-2.3-5.4L19.5 9M19.5 4.5V9H15"/>',
  download: '<path d="M12 4v11M7.5 11l4.5 4.5 4.5-4.5M5 20h14"/>',
  chat: '<path d="M6.5 4h11A2.5 2.5 0 0 1 20 6.5v7a2.5 2.5 0 0 1-2.5 2.5h-6L7 19.8V16h-.5A2.5 2.5 0 0 1 4 13.5v-7A2.5 2.5 0 0 1 6.5 4z"/><path d="M8.5 8.5h7M8.5 11.7h4.5"/>',
  users:
    '<circle cx="9" cy="8.5" r="3.5"/><path d="M2.8 19.5c.7-3.4 3.2-5 6.2-5s5.5 1.6 6.2 5M15.5 5.3a3.5 3.5 0 0 1 0 6.4M17.5 14.8c2 .7 3.2 2.3 3.7 4.7"/>',
  plus: '<path d="M12 5v14M5 12h14"/>',
  minus: '<path d="M5 12h14"/>',
  send: '<path d="M4 11.8 20 4.5l-4.5 15.5-4-6.5z"/><path d="M11.5 13.5 20 4.5"/>',
  smile: '<circle cx="12" cy="12" r="8.5"/><path d="M8.5 14.2c1.6 2.4 5.4 2.4 7 0M9 9.5h.01M15 9.5h.01"/>',
  lock: '<rect x="5" y="10.5" width="14" height="9.5" rx="2"/><path d="M8.5 10.5V8a3.5 3.5 0 0 1 7 0v2.5M12 14.5v2"/>',
  search: '<circle cx="11" cy="11" r="6.5"/><path d="M16 16l4 4"/>',
  up: '<path d="M12 19V5M5.5 11.5 12 5l6.5 6.5"/>',
  down: '<path d="M12 5v14M5.5 12.5 12 19l6.5-6.5"/>',
  headset:
    '<path d="M4.5 14v-2a7.5 7.5 0 0 1 15 0v2"/><path d="M4.5 13.5h3v5h-1.5a1.5 1.5 0 0 1-1.5-1.5zM19.5 13.5h-3v5h1.5a1.5 1.5 0 0 0 1.5-1.5zM18 18.5c0 1.5-1.5 2.2-3.5 2.2"/>',
} as const;

export const FOODS = {
  coupon:
    '<path class="s" d="M6 17h52v9a6 6 0 0 0 0 12v9H6v-9a6 6 0 0 0 0-12z"/><path class="o" d="M6 17h52v9a6 6 0 0 0 0 12v9H6v-9a6 6 0 0 0 0-12z"/><path class="o" d="M41 18v4M41 27v4M41 36v4M41 44v2M17 24l6.5 8L30 24M23.5 32v10M18 33.5h11M18 38h11"/>',
  drink:
    '<path class="s" d="M18 29h28l-2.5 27h-23z"/><path class="o" d="M15.5 20h33L45 58H19zM17 29h30M34 29 38.5 8l8-2"/><path class="w" d="M24 35l8-2 2 8-8 2zM33 43l7-1 1 7-7 1z"/><path class="o" d="M24 35l8-2 2 8-8 2zM33 43l7-1 1 7-7 1z"/>',
  fish: '<path class="s" d="M7 32h50c-1 13-9 19-17 21H24C16 51 8 45 7 32z"/><path class="w" d="M12 32c1-11 11-17 21-9 2 2 4 5 5 9z"/><path class="w" d="M38 32c3-8 7-13 15-16-2 5-2 7 1 11-4 0-6 2-7 5z"/><path class="o" d="M7 32h50c-1 13-9 19-17 21v3H24v-3C16 51 8 45 7 32z"/><path class="o" d="M12 32c1-11 11-17 21-9 2 2 4 5 5 9M38 32c3-8 7-13 15-16-2 5-2 7 1 11-4 0-6 2-7 5M27 24c-2 3-2 5-1 8"/><path class="d" d="M19.5 27h.01"/><path class="o" d="M14 39c4 0 6-2 9-2s5 2 9 2 6-2 9-2 5 2 9 2"/>',
  points:
    '<circle class="s" cx="32" cy="32" r="24"/><circle class="o" cx="32" cy="32" r="24"/><g transform="translate(32 32) rotate(45)" class="k"><path d="M0 0C-9.28 -3.52 -9.28 -11.52 0 -16.00C9.28 -11.52 9.28 -3.52 0 0Z" transform="rotate(0)"/><path d="M0 0C-9.28 -3.52 -9.28 -11.52 0 -16.00C9.28 -11.52 9.28 -3.52 0 0Z" transform="rotate(90)"/><path d="M0 0C-9.28 -3.52 -9.28 -11.52 0 -16.00C9.28 -11.52 9.28 -3.52 0 0Z" transform="rotate(180)"/><path d="M0 0C-9.28 -3.52 -9.28 -11.52 0 -16.00C9.28 -11.52 9.28 -3.52 0 0Z" transform="rotate(270)"/></g><circle class="p" cx="32" cy="32" r="3"/>',
  pot: '<path class="s" d="M32 13a19 19 0 1 0 0 38 9.5 9.5 0 0 0 0-19 9.5 9.5 0 0 1 0-19z"/><circle class="o" cx="32" cy="32" r="24"/><circle class="o" cx="32" cy="32" r="19"/><path class="o" d="M32 13a9.5 9.5 0 0 0 0 19 9.5 9.5 0 0 1 0 19M8 27c-4 0-5 2-5 5s1 5 5 5M56 27c4 0 5 2 5 5s-1 5-5 5"/><path class="d" d="M22 37h.01M26 42h.01M40 22h.01M43 27h.01M24 26h.01M42 38h.01"/>',
  skewer:
    '<path class="o" d="M32 4v8M32 55v7"/><circle class="s" cx="32" cy="19" r="8"/><circle class="s" cx="32" cy="34" r="8"/><circle class="s" cx="32" cy="48" r="8"/><circle class="o" cx="32" cy="19" r="8"/><circle class="o" cx="32" cy="34" r="8"/><circle class="o" cx="32" cy="48" r="8"/><path class="o" d="M27 17c1-2 2-3 4-3M27 32c1-2 2-3 4-3M27 46c1-2 2-3 4-3"/>',
  plate:
    '<circle class="s" cx="27" cy="34" r="21"/><circle class="o" cx="27" cy="34" r="21"/><circle class="o" cx="27" cy="34" r="13"/><path class="o" d="M54 8 51 58M60 8l-1 50"/>',
  noodle:
    '<path class="s" d="M8 34h48c-1 13-10 20-24 20S9 47 8 34z"/><path class="o" d="M8 34h48c-1 13-10 20-24 20S9 47 8 34zM24 57h16M20 34c-3-6 3-8 0-14s3-8 0-12M27 34c-3-6 3-8 0-14s3-8 0-12M34 34c-3-6 3-8 0-14s3-8 0-12"/><path class="o" d="M12 12 54 5M12 18l42-7"/>',
  persimmon:
    '<path class="s" d="M32 17c15 0 24 8 24 19.5S46 57 32 57 8 48 8 36.5 17 17 32 17z"/><path class="o" d="M32 17c15 0 24 8 24 19.5S46 57 32 57 8 48 8 36.5 17 17 32 17z"/><path class="k" d="M32 24c-4-7-10-9-17-7 3 7 9 10 17 7zM32 24c4-7 10-9 17-7-3 7-9 10-17 7zM32 22c-4 4-4 8-2 13 5-4 5-9 2-13z"/><path class="o" d="M32 21v-9"/>',
  bill: '<path class="s" d="M15 7h34v50l-5.7-4.5-5.6 4.5-5.7-4.5-5.7 4.5-5.6-4.5L15 57z"/><path class="o" d="M15 7h34v50l-5.7-4.5-5.6 4.5-5.7-4.5-5.7 4.5-5.6-4.5L15 57zM23 18h18M23 27h18M23 36h9"/>',
  swap: '<path class="s" d="M25 34h34v6a4 4 0 0 0 0 8v6H25v-6a4 4 0 0 0 0-8z"/><path class="w" d="M5 10h34v6a4 4 0 0 0 0 8v6H5v-6a4 4 0 0 0 0-8z"/><path class="o" d="M5 10h34v6a4 4 0 0 0 0 8v6H5v-6a4 4 0 0 0 0-8zM25 34h34v6a4 4 0 0 0 0 8v6H25v-6a4 4 0 0 0 0-8zM46 14c6 0 9 4 9 11M51 22l4 4 4-4M18 50c-6 0-9-4-9-11M5 42l4-4 4 4"/>',
} as const;

export type IconName = keyof typeof ICONS;
export type FoodName = keyof typeof FOODS;
