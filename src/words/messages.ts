/** What the administration sends and is told of words. */
import { z } from 'zod';
import { LIMITS } from '../platform/limits.ts';
import { timeShape } from '../platform/shapes.ts';

const words = z.array(z.string().min(1).max(LIMITS.wordCharacters)).max(LIMITS.words);

const lists = {
  mask: words.meta({ description: 'Each character of these is covered by ＊' }),
  refuse: words.meta({ description: 'A text with one of these is refused' }),
  allow: words.meta({ description: 'Longer ones that have a word in them and are let pass' }),
};

export const wordsBody = z
  .strictObject({
    version: z.int().min(0).meta({ description: 'The one that is changed; 0: there is none yet' }),
    ...lists,
  })
  .refine(
    ({ mask, refuse, allow }) => mask.length + refuse.length + allow.length <= LIMITS.words,
    `has more than ${LIMITS.words} words`,
  )
  .meta({ example: { version: 0, mask: ['坏蛋'], refuse: ['加微信'], allow: ['咸鸭坏蛋'] } });

export const wordsShape = z.object({
  version: z.int().meta({ description: '0: nobody has made one' }),
  ...lists,
  changed_by: z.int().nullable(),
  changed_at: timeShape.nullable(),
});

export const wordsChangedShape = z.object({ version: z.int() });
